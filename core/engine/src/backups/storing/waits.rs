use std::future::Future;
use std::time::Duration;

use snapstore::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::error::{Error, Result};
use super::side::Side;

/// How long the end of an upload is waited for once it is not wanted any more.
const AT_THE_END: Duration = Duration::from_secs(5);

/// How long is waited, for one step at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) stall: Duration,
    pub(crate) cancel: &'a CancellationToken,
}

impl Waits<'_> {
    /// Waits for `step`, unless it takes too long or is not wanted any more.
    pub(crate) async fn on<T>(&self, side: Side, step: impl Future<Output = T>) -> Result<T> {
        let waited = self.stall;
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Interrupted),
            done = step => Ok(done),
            () = self.clock.sleep(waited) => Err(Error::Stalled { side, waited }),
        }
    }

    /// Waits for `step` as long as it takes, unless it is not wanted any more: for what has deadlines of its own.
    pub(crate) async fn until<T>(&self, step: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Interrupted),
            done = step => Ok(done),
        }
    }

    /// Waits for an upload, which ends by itself when it is not wanted any more: what it has sent is removed, or the
    /// request that makes the object is on its way and decides. For so long its end is waited for.
    pub(crate) async fn ends<T>(&self, upload: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            done = upload => Ok(done),
            () = self.gone() => Err(Error::Interrupted),
        }
    }

    async fn gone(&self) {
        self.cancel.cancelled().await;
        self.clock.sleep(self.stall.min(AT_THE_END)).await;
    }

    /// What came of a step that ends by itself when it is not wanted any more. Done is done all the same.
    pub(crate) fn wanted<T, E>(&self, done: Result<T, E>) -> Result<Result<T, E>> {
        match done.is_err() && self.cancel.is_cancelled() {
            true => Err(Error::Interrupted),
            false => Ok(done),
        }
    }
}
