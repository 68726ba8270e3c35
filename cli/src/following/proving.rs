use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use client::Etcd;
use engine::backups::branches::Wanted as Lineage;
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::{Reading, Target};
use engine::session::Session;
use engine::snapshot::taking::{RequestSender, Wanted};
use engine::verify::{
    Error, Memory, Proven, Remembered, Result, Verification, against_full, against_remembered,
    keeps_hashes,
};
use tokio::task::JoinHandle;

use super::hears::Hears;
use super::watched::WatchState;
use crate::clock::now;

/// How often it is looked whether etcd was compacted, and how long a compaction may take to be at its end.
const LOOK: Duration = Duration::from_secs(30);

/// Proves now and then that the backups are what etcd had: with the hash that etcd remembers from a compaction, else with
/// what was noted of the newest full. etcd never reads its database for it, as far as can be told.
pub(super) struct Proving(JoinHandle<()>);

struct Prover {
    session: Session,
    etcd: Arc<dyn Etcd>,
    watched: Arc<WatchState>,
    verification: Verification,
    requests: RequestSender,
    hears: Arc<dyn Hears>,
    memory: Memory,
    /// The newest hash that etcd has told.
    remembered: Option<Remembered>,
}

impl Proving {
    pub(super) fn start(
        session: &Session,
        etcd: Arc<dyn Etcd>,
        every: Duration,
        temp_dir: &Path,
        (watched, requests, hears): (Arc<WatchState>, RequestSender, Arc<dyn Hears>),
    ) -> Self {
        let mut prover = Prover {
            session: session.clone(),
            etcd,
            watched,
            verification: verification(temp_dir),
            requests,
            hears,
            memory: Memory::default(),
            remembered: None,
        };
        let cancel = session.cancel.clone();
        Self(tokio::spawn(async move {
            cancel.run_until_cancelled(prover.prove(every)).await;
        }))
    }

    pub(super) async fn stop(self) {
        // The session is cancelled, or the run has failed.
        self.0.abort();
        let _ = self.0.await;
    }
}

fn verification(temp_dir: &Path) -> Verification {
    Verification {
        target: Target::Latest,
        lineage: Lineage::Newest,
        reading: Reading {
            hash: HashCheck::Required,
            leases: LeasePolicy::Keep,
            fetchers: 2,
        },
        temp_dir: temp_dir.to_owned(),
    }
}

impl Prover {
    async fn prove(&mut self, every: Duration) {
        let clock = self.session.clock.clone();
        let look = every.min(LOOK);
        let mut due = clock.now() + every;
        loop {
            clock.sleep(look).await;
            if let Err(error) = self.look().await {
                tracing::debug!("it is not known whether etcd was compacted: {error}");
            }
            if clock.now() < due {
                continue;
            }
            due = clock.now() + every;
            let proven = self.once(look).await;
            self.hears.proven(&proven);
            self.tell(proven);
        }
    }

    /// Whether etcd was compacted under the eyes of the snapshotter.
    async fn look(&mut self) -> client::Result<()> {
        let status = self.etcd.status().await?;
        let compacted = self.etcd.compacted().await?;
        let watched = self.watched.of(status.header.member_id);
        let watched = watched.filter(|_| keeps_hashes(&status.version));
        let now = self.session.clock.now();
        self.memory.look(now, watched, compacted);
        Ok(())
    }

    async fn once(&mut self, settle: Duration) -> Result<Proven> {
        let now_there = self.session.clock.now();
        if let Some(compacted) = self.memory.take(now_there, settle) {
            let remembered = Remembered::ask(&*self.etcd, compacted).await?;
            if remembered.is_scanned() {
                self.memory.has_scanned();
                tracing::warn!(
                    "etcd had no hash of its compaction at revision {compacted}, and has read its database for one: it \
                     is not asked again before it is followed anew"
                );
            }
            self.remembered = Some(remembered);
            return against_remembered(&self.session, &remembered, &self.verification, now()).await;
        }
        let with_full = against_full(&self.session, &self.verification, now()).await;
        match (with_full, self.remembered) {
            (Err(Error::Nothing(why)), Some(remembered)) => {
                tracing::debug!("{why}");
                let again =
                    against_remembered(&self.session, &remembered, &self.verification, now());
                again.await.map_err(|error| match error {
                    // The backups that led there may be collected by now.
                    Error::Backups(error) => Error::Nothing(error.to_string()),
                    other => other,
                })
            }
            (other, _) => other,
        }
    }

    fn tell(&self, proven: Result<Proven>) {
        match proven {
            Ok(proven) => {
                let (revision, with) = (proven.revision, &proven.with);
                let how = proven.shown_by();
                tracing::info!(revision, "proven: the backups are what {with} has, {how}");
            }
            Err(Error::Nothing(why)) => tracing::info!("nothing is proven yet: {why}"),
            Err(error @ Error::Differs(_)) => {
                tracing::error!("{error}");
                self.requests.send(Wanted::Full);
            }
            // Nobody can restore what they lead to, so something else is needed at once.
            Err(Error::Backups(error)) if error.is_of_content() => {
                tracing::error!("the backups cannot be restored: {error}; taking a full now");
                self.requests.send(Wanted::Full);
            }
            Err(Error::Interrupted) => {}
            Err(error) => tracing::warn!("no proof: {error}; trying again"),
        }
    }
}
