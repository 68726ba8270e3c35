//! A full on its way.

use std::sync::Arc;
use std::time::Duration;

use client::Etcd;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::job::{Job, Jobs};
use super::said::Said;
use super::settings::Turn;
use crate::session::Session;
use crate::snapshot::error as snapshot;
use crate::snapshot::fence::Fence;
use crate::snapshot::full::{Request, take};

/// Whether no other snapshotter has taken over; true where none is looked for.
pub(super) async fn may_write(fence: Option<&Fence>) -> snapshot::Result<bool> {
    match fence {
        Some(fence) => Ok(fence.holds().await?),
        None => Ok(true),
    }
}

/// A full that is being taken. Dropped, it is given up, and cleans up after itself.
#[derive(Debug)]
pub(super) struct TakingFull {
    pub(super) job: Job,
    _give_up: DropGuard,
}

/// Starts it. It is given up after `within`.
pub(super) fn start(
    jobs: &mut Jobs<Said>,
    session: &Session,
    etcd: Arc<dyn Etcd>,
    request: Request,
    (fence, within, turn): (Option<Fence>, Duration, Turn),
) -> TakingFull {
    let cancel = CancellationToken::new();
    let session = Session {
        cancel: cancel.clone(),
        ..session.clone()
    };
    let job = jobs.start_detached(|answers| async move {
        // It is not waited for: deltas go on, and it is tried again.
        let Ok(_turn) = turn.try_lock() else {
            return answers.send(Said::Full(Err(snapshot::Error::Blocked)));
        };
        match may_write(fence.as_ref()).await {
            Ok(true) => {}
            Ok(false) => return answers.send(Said::Deposed),
            Err(error) => return answers.send(Said::Full(Err(error))),
        }
        let opened = |opened| answers.send(Said::FullOpened(opened));
        let taken = take(&session, &*etcd, &request, opened);
        tokio::pin!(taken);
        let taken = tokio::select! {
            biased;
            taken = &mut taken => taken,
            () = session.clock.sleep(within) => {
                session.cancel.cancel();
                // It removes what it has sent.
                let _ = taken.await;
                Err(snapshot::Error::Long { within })
            }
        };
        answers.send(Said::Full(taken.map(Box::new)));
    });
    TakingFull {
        job,
        _give_up: cancel.drop_guard(),
    }
}
