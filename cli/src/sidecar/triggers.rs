use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use client::{AuthState, Etcd, Read};
use engine::backups::read_holdings;
use engine::snapshot::taking::{RequestSender, Wanted as Asked};
use server::{Ending, Latest, Position, Snapshots, Taken, Wanted};
use snapstore::clock::Clock;

use super::place::Place;
use super::snapshot_view::{of_key, of_listed};

/// Where the snapshotter that runs hears what is wanted.
#[derive(Debug, Default)]
pub(super) struct Requests(Mutex<Option<RequestSender>>);

impl Requests {
    /// They are taken by this one from now on, or by none.
    pub(super) fn are_taken_by(&self, sender: Option<RequestSender>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sender;
    }

    fn sender(&self) -> Option<RequestSender> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Snapshots that somebody asks for, from the snapshotter that runs.
pub(super) struct Triggers {
    pub(super) place: Arc<Place>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) etcd: Arc<dyn Etcd>,
    pub(super) requests: Arc<Requests>,
    /// How long one may take.
    pub(super) within: Duration,
}

/// The snapshotter begins right after its member has become the leader.
const BEGINS_WITHIN: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(100);

impl Triggers {
    async fn sender(&self) -> Option<RequestSender> {
        let clock = &self.clock;
        let begun = clock.now();
        loop {
            let sender = self.requests.sender();
            if sender.is_some() || clock.now().duration_since(begun) > BEGINS_WITHIN {
                return sender;
            }
            clock.sleep(LOOK).await;
        }
    }

    /// What no event carries, as a text that differs where it differs.
    async fn beside(&self) -> client::Result<String> {
        let auth = match self.etcd.auth().await? {
            AuthState::Known { enabled, revision } => format!("{enabled} {revision}"),
            // Nothing shows whether it is the same.
            AuthState::NotTold => return Ok(String::new()),
        };
        let members = self.etcd.members(Read::Agreed).await?;
        let status = self.etcd.status().await?;
        let stored = status.storage_version.unwrap_or_default();
        Ok(format!(
            "{auth} {:?} {} {stored}",
            members.members, status.version
        ))
    }
}

#[async_trait]
impl Snapshots for Triggers {
    async fn position(&self) -> Result<Position, String> {
        let said = |error: client::Error| error.to_string();
        let head = self.etcd.head(Read::Agreed).await.map_err(said)?;
        let beside = self.beside().await.map_err(said)?;
        Ok(Position {
            revision: head.revision,
            beside,
        })
    }

    async fn take(&self, wanted: Wanted) -> Result<Taken, String> {
        let sender = self.sender().await;
        let sender = sender
            .ok_or("no snapshotter runs here: this member has just begun to lead, or stops")?;
        let holds = self.position().await?;
        let asked = match wanted {
            Wanted::Full(Ending::Ordinary) => Asked::Full,
            Wanted::Full(Ending::Final) => Asked::FinalFull,
            Wanted::Delta => Asked::Delta,
        };
        let answer = tokio::select! {
            answer = sender.ask(asked, holds.revision) => answer,
            () = self.clock.sleep(self.within) => {
                return Err(format!("it was not taken within {:?}", self.within));
            }
        };
        let answer = answer.ok_or("the snapshotter has ended before it was taken")?;
        let snapshot = answer?.map(|taken| of_key(&taken.key)).transpose()?;
        Ok(Taken { snapshot, holds })
    }

    async fn latest(&self) -> Result<Latest, String> {
        let holdings = read_holdings(&self.place.session().await?).await;
        let holdings = holdings.map_err(|error| error.to_string())?;
        let Some(branch) = holdings.newest() else {
            return Ok(Latest::default());
        };
        let full = branch.newest_full();
        let after = full.map_or(i64::MIN, |full| full.name.last);
        let deltas = branch.catalogue.deltas();
        let deltas = deltas.filter(|delta| delta.name.last > after);
        let deltas: Vec<_> = deltas.map(of_listed).collect::<Result<_, _>>()?;
        Ok(Latest {
            full_snapshot: full.map(of_listed).transpose()?,
            delta_snapshots: (!deltas.is_empty()).then_some(deltas),
        })
    }
}
