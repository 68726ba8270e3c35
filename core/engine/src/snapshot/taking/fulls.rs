//! A full on its way.

use std::sync::Arc;
use std::time::Duration;

use client::Etcd;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::job::{Job, Jobs};
use super::not_taken::NotTaken;
use super::said::Said;
use super::settings::Turn;
use crate::session::Session;
use crate::snapshot::error as snapshot;
use crate::snapshot::fence::Fence;
use crate::snapshot::full::{Request, TakenFull, take};
use crate::snapshot::machine::Base;

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
    cancel: DropGuard,
    is_given_up: bool,
}

impl TakingFull {
    /// Has it end, and say what became of it.
    pub(super) fn give_up(self) -> Self {
        let cancel = self.cancel.disarm();
        cancel.cancel();
        Self {
            job: self.job,
            cancel: cancel.drop_guard(),
            is_given_up: true,
        }
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up
    }
}

/// Starts it. It is given up after `within`.
pub(super) fn start(
    jobs: &mut Jobs<Said>,
    session: &Session,
    etcd: Arc<dyn Etcd>,
    (request, base): (Request, Base),
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
            return answers.send(Said::Full(Err(snapshot::Error::Blocked.into())));
        };
        match may_write(fence.as_ref()).await {
            Ok(true) => {}
            Ok(false) => return answers.send(Said::Deposed),
            Err(error) => return answers.send(Said::Full(Err(error.into()))),
        }
        let mut has_begun = false;
        let taken = {
            let opened = |opened| {
                has_begun = true;
                answers.send(Said::FullOpened(opened));
            };
            let taken = take(&session, &*etcd, &request, opened);
            in_time(&session, within, taken).await
        };
        answers.send(Said::Full(match taken {
            Ok(full) => Ok(Box::new(full)),
            // Nothing was sent.
            Err(error) if !has_begun => Err(error.into()),
            Err(error) => Err(NotTaken::look(&session, &request, base, error).await),
        }));
    });
    TakingFull {
        job,
        cancel: cancel.drop_guard(),
        is_given_up: false,
    }
}

/// What comes of `taken`, which is told to end after `within`.
async fn in_time(
    session: &Session,
    within: Duration,
    taken: impl Future<Output = snapshot::Result<TakenFull>>,
) -> snapshot::Result<TakenFull> {
    tokio::pin!(taken);
    tokio::select! {
        biased;
        taken = &mut taken => taken,
        () = session.clock.sleep(within) => {
            session.cancel.cancel();
            // It removes what it has sent; or it was stored at that moment.
            taken.await.map_err(|_| snapshot::Error::Long { within })
        }
    }
}
