use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use engine::copy::{ContentCheck, Filter, Mode, Passage, Report, Request, copy, refuse_one_place};
use engine::gc::{Collection, Mode as Collecting, collect};
use engine::progress::Unobserved;
use engine::retention::Rules;
use engine::session::Session;
use engine::size::{bytes, counted};
use engine::snapshot::Arrival;
use page::work::Kind;
use snapstore::Sending;
use snapstore::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::heard::Heard;
use super::in_flight::InFlight;
use super::place::Place;
use crate::clock::now;

/// Refuses a second store that is the directory of the first, by whatever name: whoever had one copy believed that there were
/// two.
pub(super) async fn refuse_one_directory(from: &Place, to: &Place) -> Result<(), String> {
    if !from.is_directory() || !to.is_directory() {
        return Ok(());
    }
    let (from, to) = (from.session().await?, to.session().await?);
    let refused = refuse_one_place(&*from.store, &*to.store);
    refused.map_err(|error| format!("the second store: {error}"))
}

/// Snapshots on their way at once, as in the reference.
const PARALLEL: usize = 10;

/// Copies all backups to a second store, and lets go there what the first one lets go.
pub(super) struct Secondary {
    pub(super) from: Arc<Place>,
    pub(super) to: Place,
    pub(super) every: Duration,
    pub(super) sending: Sending,
    /// `None`: nothing is collected in the first store, and so not in the second.
    pub(super) rules: Option<Rules>,
    pub(super) heard: Arc<Heard>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Secondary {
    /// Until `cancel`.
    pub(super) async fn run(&self, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            let done = self.once(&cancel).await;
            self.in_flight.end(Kind::Copy);
            if cancel.is_cancelled() {
                return;
            }
            match done {
                Ok(report) => {
                    self.heard.second_store(None);
                    tell(&report);
                }
                Err(why) => {
                    tracing::error!("the second store: {why}; trying again in {:?}", self.every);
                    self.heard.second_store(Some(&why));
                }
            }
            let _ = cancel
                .run_until_cancelled(self.clock.sleep(self.every))
                .await;
        }
    }

    async fn once(&self, cancel: &CancellationToken) -> Result<Report, String> {
        let (from, to) = (self.from.session().await?, self.to.session().await?);
        // Nobody waits for it: what was copied is told when it is, and the page shows how far it is.
        let of = |session: Session| Session {
            cancel: cancel.clone(),
            observer: Arc::new(self.in_flight.observed(Kind::Copy, Arc::new(Unobserved))),
            ..session
        };
        let (from, to) = (of(from), of(to));
        let request = Request {
            filter: Filter {
                most: None,
                within_days: None,
            },
            parallel: NonZero::new(PARALLEL).unwrap_or(NonZero::<usize>::MIN),
            sending: self.sending,
            arrival: Arrival::Size,
            passage: Passage::ByService,
            content: ContentCheck::TrailingHash,
            rate: None,
            waiting: None,
            mode: Mode::Copy,
            now: now(),
        };
        let report = copy(&from, &to, &request).await;
        let report = report.map_err(|error| error.to_string())?;
        for warning in &report.warnings {
            tracing::warn!("the second store: {warning}");
        }
        if report.not_copied > 0 {
            let missing = counted(report.not_copied, "snapshot", "snapshots");
            return Err(format!("{missing} could not be copied"));
        }
        if let Some(rules) = &self.rules {
            let collection = Collection {
                rules: rules.clone(),
                now: now(),
                mode: Collecting::Delete,
            };
            let collected = collect(&to, &collection).await;
            collected.map_err(|error| format!("no garbage was collected: {error}"))?;
        }
        Ok(report)
    }
}

fn tell(report: &Report) {
    if report.copied > 0 {
        let copied = counted(report.copied, "snapshot", "snapshots");
        let size = bytes(report.copied_bytes);
        tracing::info!("copied {copied}, {size}, to {}", report.destination);
    }
}
