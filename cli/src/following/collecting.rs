use std::sync::Arc;
use std::time::Duration;

use engine::gc::{Collection, Mode, Report, Result, collect};
use engine::retention::Rules;
use engine::session::Session;
use engine::size::{bytes, counted};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::hears::Hears;
use crate::clock::now;

/// Collects garbage some time after each full: nothing else makes older backups needless. A collection lists the
/// store, and stores ask money for that.
pub(super) struct Collecting {
    full_stored: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Collecting {
    pub(super) fn start(
        session: &Session,
        rules: Rules,
        after: Duration,
        hears: Arc<dyn Hears>,
    ) -> Self {
        let full_stored = Arc::new(Notify::new());
        let (session, stored) = (session.clone(), full_stored.clone());
        let task = tokio::spawn(async move {
            let cancel = session.cancel.clone();
            let forever = async {
                loop {
                    stored.notified().await;
                    session.clock.sleep(after).await;
                    let begun = session.clock.now();
                    let collected = once(&session, &rules).await;
                    let took = session.clock.now().saturating_duration_since(begun);
                    tell(&collected);
                    hears.collected(&collected, took);
                }
            };
            cancel.run_until_cancelled(forever).await;
        });
        Self { full_stored, task }
    }

    /// To be notified when a full is stored.
    pub(super) fn full_stored(&self) -> Arc<Notify> {
        self.full_stored.clone()
    }

    /// Waits for the deletion that is under way.
    pub(super) async fn stop(self) {
        // The session is cancelled, or the run has failed and nothing notifies it any more.
        self.task.abort();
        let _ = self.task.await;
    }
}

async fn once(session: &Session, rules: &Rules) -> Result<Report> {
    let collection = Collection {
        rules: rules.clone(),
        now: now(),
        mode: Mode::Delete,
    };
    collect(session, &collection).await
}

fn tell(collected: &Result<Report>) {
    let report = match collected {
        Ok(report) => report,
        Err(error) => return tracing::warn!("no garbage was collected: {error}"),
    };
    for warning in &report.warnings {
        tracing::warn!("{warning}");
    }
    if report.deleted > 0 {
        let deleted = counted(report.deleted, "snapshot", "snapshots");
        let size = bytes(report.deleted_bytes);
        tracing::info!("collected garbage: deleted {deleted}, {size}");
    }
    if report.abandoned_uploads > 0 {
        let uploads = counted(report.abandoned_uploads, "upload", "uploads");
        tracing::info!("collected garbage: removed {uploads} that nobody had ended");
    }
    if report.failed > 0 {
        let failed = counted(report.failed, "object", "objects");
        tracing::warn!("the store could not delete {failed}: the next collection tries again");
    }
}
