use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::initialize::{ActionTaken, ClusterState, Error, Outcome, Refusal, Request, initialize};
use engine::session::Session;
use engine::validate;
use server::etcd_config::Document;
use server::metrics::{Outcome as Counted, Refused, RestoredAs};
use server::{Initializer, Metrics, Mode};
use snapstore::clock::{Clock, SystemClock};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::cluster::Membership;
use super::counted_initialization::{initialized, refused};
use super::identity::{Given, identity};
use super::in_flight::InFlight;
use super::phases::Phases;
use super::place::Place;
use super::settling::Settling;
use crate::{error, members, progress};

/// Makes the data directory one that etcd can start on, as `etcdbrctl initialize` does.
pub(super) struct Initializing {
    /// `None`: no store is named.
    pub(super) place: Option<Arc<Place>>,
    pub(super) request: Request,
    /// Who belongs to the cluster, and etcd's configuration, which says so.
    pub(super) membership: Arc<Membership>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) in_flight: Arc<InFlight>,
    /// Who stores what etcd had acknowledged.
    pub(super) settling: Settling,
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
        Ok(request)
    }
}

#[async_trait]
impl Initializer for Initializing {
    async fn initialize(&self, mode: Mode, stop: CancellationToken) -> Result<(), String> {
        match self.made_ready(mode, &stop).await {
            Ok(outcome) => {
                self.metrics.initialized(initialized(&outcome));
                tell(&outcome);
                Ok(())
            }
            Err(Failed { reason, why }) => {
                // The sidecar ends, and the next one tells.
                if !stop.is_cancelled() {
                    self.metrics.initialization_refused(reason);
                }
                Err(why)
            }
        }
    }
}

/// Why the data directory was not made ready.
struct Failed {
    /// For metrics.
    reason: Refused,
    /// For people.
    why: String,
}

impl Failed {
    fn by(reason: Refused) -> impl Fn(String) -> Self {
        move |why| Self { reason, why }
    }
}

impl Initializing {
    async fn made_ready(&self, mode: Mode, stop: &CancellationToken) -> Result<Outcome, Failed> {
        let request = self.request().await;
        let mut request = request.map_err(Failed::by(Refused::Configuration))?;
        request.validation.mode = match mode {
            Mode::Full => validate::Mode::Full,
            Mode::Sanity => validate::Mode::Sanity,
        };
        if self.given.is_some_and(|given| !given.says_all()) {
            let mounted = self.membership.is_mounted_right().await;
            mounted.map_err(Failed::by(Refused::OfAnother))?;
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let begun = clock.now();
        // A delta that is stored after the backups were listed would not be restored.
        if stop
            .run_until_cancelled(self.settling.wait())
            .await
            .is_none()
        {
            let why = "interrupted before the data directory was looked at".to_owned();
            return Err(Failed::by(Refused::Other)(why));
        }
        let mut done = self.once(&request, stop, clock.clone()).await?;
        let mut restored_as = RestoredAs::SingleNode;
        let place = self.place_among_others(&done).await;
        if let Some(place) = place.map_err(Failed::by(Refused::NoPlace))? {
            if place.is_new {
                restored_as = RestoredAs::SingleMember;
            }
            request.cluster_state = ClusterState::Replaced {
                revision: place.revision,
            };
            done = self.once(&request, stop, clock.clone()).await?;
            if done.is_ok() {
                let marked = self.membership.mark(&place);
                marked.map_err(Failed::by(Refused::Other))?;
            }
        }
        let took = clock.now().saturating_duration_since(begun);
        self.count(&done, restored_as, took);
        done.map_err(|error| Failed {
            reason: refused(&error),
            why: error::Error::from(error).to_string(),
        })
    }
}

impl Initializing {
    async fn once(
        &self,
        request: &Request,
        stop: &CancellationToken,
        clock: Arc<dyn Clock>,
    ) -> Result<Result<Outcome, Error>, Failed> {
        let shown = progress::observer();
        let counted = (self.metrics.clone(), clock);
        let phases = Arc::new(Phases::new(shown, self.in_flight.clone(), counted));
        let session = match &self.place {
            None => None,
            Some(place) => Some(Session {
                cancel: stop.clone(),
                observer: phases.clone(),
                ..place.session().await.map_err(Failed::by(Refused::Store))?
            }),
        };
        // It reads and writes files for as long as it takes, and requests are answered meanwhile.
        let (runtime, request) = (Handle::current(), request.clone());
        let working = spawn_blocking(move || {
            runtime.block_on(initialize(session.as_ref(), &SystemClock, &request))
        });
        let done = working.await;
        let done = done.map_err(|died| Failed::by(Refused::Other)(died.to_string()))?;
        phases.end();
        Ok(done)
    }

    /// The place of this member among those who serve, where it takes that to go on from what was `done`: a member of
    /// several gets its state from them. `None`: it has ended.
    ///
    /// Errors: one sentence for people, where it has no place among them yet.
    async fn place_among_others(
        &self,
        done: &Result<Outcome, Error>,
    ) -> Result<Option<members::Place>, String> {
        // Whoever gives all flags does not say how the others are found.
        if self.given.is_none_or(Given::says_all) {
            return Ok(None);
        }
        match done {
            Ok(outcome) if outcome.deed == ActionTaken::FirstStart => {}
            Ok(outcome) if outcome.deed == ActionTaken::Untouched => {
                if !self.membership.is_removed().await? {
                    return Ok(None);
                }
                tracing::warn!("the other members have removed this one, which is added anew");
            }
            Err(Error::Refused {
                refusal: Refusal::OneOfSeveral | Refusal::NewOfSeveral,
                ..
            }) => {}
            _ => return Ok(None),
        }
        self.membership.take_place().await
    }
}

impl Initializing {
    /// What a restore took counts as one, and what else was done as a validation.
    fn count(&self, done: &Result<Outcome, Error>, node: RestoredAs, took: Duration) {
        let metrics = &self.metrics;
        match done {
            Ok(_) if node == RestoredAs::SingleMember => {
                metrics.restored(node, Counted::Succeeded, took);
            }
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
