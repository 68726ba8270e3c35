use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::sync::oneshot;

use crate::ports::{Ending, Snapshots, Taken, Wanted};

/// What came of it, or why nothing did, in one sentence for people.
pub(crate) type Outcome = Result<Arc<Taken>, Arc<str>>;

/// One snapshot on its way, for which any number of callers wait.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) wanted: Wanted,
    ended: Shared<BoxFuture<'static, Outcome>>,
}

impl Flight {
    /// The flight, and where its end is told.
    pub(super) fn new(wanted: Wanted) -> (Self, oneshot::Sender<Outcome>) {
        let (tell, hear) = oneshot::channel();
        let ended = hear.map(|told| told.unwrap_or_else(|_| Err("the server stops".into())));
        let ended = ended.boxed().shared();
        (Self { wanted, ended }, tell)
    }

    /// Whether it brings what is wanted: a full that is marked as the last one is a full.
    pub(super) fn brings(&self, wanted: Wanted) -> bool {
        brings(self.wanted, wanted)
    }

    pub(super) async fn ended(self) -> Outcome {
        self.ended.await
    }
}

pub(super) fn brings(taken: Wanted, wanted: Wanted) -> bool {
    taken == wanted
        || (taken, wanted) == (Wanted::Full(Ending::Final), Wanted::Full(Ending::Ordinary))
}

/// Takes it; a panic of the one who takes it is an error of his.
pub(super) async fn take(snapshots: &dyn Snapshots, wanted: Wanted) -> Outcome {
    let took = AssertUnwindSafe(snapshots.take(wanted))
        .catch_unwind()
        .await;
    match took {
        Ok(Ok(taken)) => Ok(Arc::new(taken)),
        Ok(Err(why)) => Err(why.into()),
        Err(_) => Err("the snapshotter ended without an answer".into()),
    }
}
