use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::initialize::{ClusterState, Error, Outcome, Request, initialize};
use engine::session::Session;
use engine::validate;
use server::etcd_config::Document;
use server::metrics::{Outcome as Counted, RestoredAs};
use server::{Cluster, Initializer, Metrics, Mode};
use snapstore::clock::{Clock, SystemClock};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::cluster::Membership;
use super::identity::{Given, identity};
use super::phases::Phases;
use super::place::Place;
use crate::{error, progress};

/// Makes the data directory one that etcd can start on, as `etcdbrctl initialize` does.
pub(super) struct Initializing {
    /// `None`: no store is named.
    pub(super) place: Option<Arc<Place>>,
    pub(super) request: Request,
    /// Who belongs to the cluster, and etcd's configuration, which says so.
    pub(super) membership: Arc<Membership>,
    pub(super) metrics: Arc<Metrics>,
    /// Which flags say who the member is; `None`: all of them.
    pub(super) given: Option<Given>,
}

impl Initializing {
    /// With what etcd's configuration says where flags do not. There need be none where flags say who the member is.
    async fn request(&self) -> Result<Request, String> {
        let mut request = self.request.clone();
        let Some(given) = self.given.filter(|given| !given.says_all()) else {
            return Ok(request);
        };
        let told = |error: server::etcd_config::Error| error.to_string();
        let document = Document::read(&self.membership.etcd_config).await;
        let document = document.map_err(told)?;
        let pod = self.membership.pod_name.as_deref().unwrap_or_default();
        let flags = &request.restore.identity;
        request.restore.identity = identity(flags, given, &document, pod).map_err(told)?;
        // One that was added to those who serve gets its state from them, and no backup.
        if self.membership.facts().await?.state == server::ClusterState::Existing {
            request.cluster_state = ClusterState::Existing;
        }
        Ok(request)
    }
}

#[async_trait]
impl Initializer for Initializing {
    async fn initialize(&self, mode: Mode, stop: CancellationToken) -> Result<(), String> {
        let mut request = self.request().await?;
        request.validation.mode = match mode {
            Mode::Full => validate::Mode::Full,
            Mode::Sanity => validate::Mode::Sanity,
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let shown = progress::observer();
        let phases = Arc::new(Phases::new(shown, self.metrics.clone(), clock.clone()));
        let session = match &self.place {
            None => None,
            Some(place) => Some(Session {
                cancel: stop,
                observer: phases.clone(),
                ..place.session().await?
            }),
        };
        let begun = clock.now();
        // It reads and writes files for as long as it takes, and requests are answered meanwhile.
        let runtime = Handle::current();
        let working = spawn_blocking(move || {
            runtime.block_on(initialize(session.as_ref(), &SystemClock, &request))
        });
        let done = working.await.map_err(|died| died.to_string())?;
        phases.end();
        self.count(&done, clock.now().saturating_duration_since(begun));
        match done {
            Ok(outcome) => {
                tell(&outcome);
                Ok(())
            }
            Err(error) => Err(error::Error::from(error).to_string()),
        }
    }
}

impl Initializing {
    /// What a restore took counts as one, and what else was done as a validation.
    fn count(&self, done: &Result<Outcome, Error>, took: Duration) {
        let (metrics, node) = (&self.metrics, RestoredAs::SingleNode);
        match done {
            Ok(outcome) if outcome.restored.is_some() => {
                metrics.restored(node, Counted::Succeeded, took);
            }
            Ok(_) => metrics.validated(Counted::Succeeded, took),
            Err(Error::Restore(_) | Error::NothingUsable { .. }) => {
                metrics.restored(node, Counted::Failed, took);
            }
            Err(_) => metrics.validated(Counted::Failed, took),
        }
    }
}

fn tell(outcome: &Outcome) {
    for remark in &outcome.remarks {
        tracing::warn!("{remark}");
    }
    tracing::info!(verdict = outcome.verdict.name(), "{}", outcome.explanation);
}
