use std::sync::Arc;

use client::Etcd;
use engine::defragment::{Outcome, Report, Request, Result, run as defragment};
use engine::schedule::Schedule;
use engine::session::Session;
use engine::size::bytes;
use engine::snapshot::taking::Turn;
use tokio::task::JoinHandle;

use super::hears::Hears;
use crate::clock::now;

/// Defragments the members by a schedule, and never while a full streams: etcd would block the member until the full has ended.
pub(super) struct Defragmenting(JoinHandle<()>);

impl Defragmenting {
    pub(super) fn start(
        session: &Session,
        etcd: Arc<dyn Etcd>,
        (schedule, request): (Schedule, Request),
        (turn, hears): (Turn, Arc<dyn Hears>),
    ) -> Self {
        let session = session.clone();
        Self(tokio::spawn(async move {
            let cancel = session.cancel.clone();
            let forever = async {
                while let Some(due) = schedule.next_after(now()) {
                    let wait = due.duration_since(now());
                    let wait = wait.try_into().unwrap_or_default();
                    session.clock.sleep(wait).await;
                    // Clocks of a machine and of a wait may differ by a little: what is due once is done once.
                    if now() < due {
                        continue;
                    }
                    let _turn = turn.lock().await;
                    hears.defragments();
                    let defragmented = once(&session, &*etcd, &request).await;
                    hears.defragmented(&defragmented);
                }
            };
            cancel.run_until_cancelled(forever).await;
        }))
    }

    pub(super) async fn stop(self) {
        // A member that is being defragmented goes on by itself.
        self.0.abort();
        let _ = self.0.await;
    }
}

async fn once(session: &Session, etcd: &dyn Etcd, request: &Request) -> Result<Report> {
    tracing::info!("defragments the members of etcd");
    let defragmented = defragment(etcd, request, &*session.clock, &session.cancel).await;
    match &defragmented {
        Ok(report) => tell(report),
        Err(error) => {
            if let Some(done) = error.done() {
                tell(done);
            }
            tracing::warn!("{error}; it is tried again when it is due the next time");
        }
    }
    defragmented
}

fn tell(report: &Report) {
    for line in &report.members {
        let (member, before) = (&line.member, bytes(line.size_before));
        match (line.outcome, line.size_after) {
            (Outcome::Defragmented, Some(after)) => {
                tracing::info!(
                    "defragmented {member}: {before} before, {} now",
                    bytes(after)
                );
            }
            (Outcome::Defragmented, None) => tracing::info!("defragmented {member}"),
            _ => tracing::info!("left {member} as it is: little to gain in {before}"),
        }
    }
    if let Some(to) = &report.leadership_moved_to {
        tracing::info!("{to} leads now");
    }
}
