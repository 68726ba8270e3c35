use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::{Either, select};
use snapstore::clock::{Clock, SystemClock};
use snapstore::{Error, ErrorKind, Result};

/// How long a machine's metadata service may be silent. It is on the machine itself, or next to it.
const SILENCE: Duration = Duration::from_secs(5);

/// The metadata service of a machine in a cloud, which tells whatever runs there a token. In a container
/// its answers may be dropped on their way, and outside of the cloud packets to its address are: nobody
/// says no, and clients that were made for a machine in the cloud wait for minutes.
pub struct Metadata {
    clock: Arc<dyn Clock>,
    /// Where credentials are named instead.
    remedy: &'static str,
    answered: AtomicBool,
}

impl Metadata {
    /// By the machine's clock. `remedy`: what to set where there is no such service.
    pub fn service(remedy: &'static str) -> Self {
        Self::by_clock(Arc::new(SystemClock), remedy)
    }

    /// The same by a clock of the caller's.
    pub fn by_clock(clock: Arc<dyn Clock>, remedy: &'static str) -> Self {
        Self {
            clock,
            remedy,
            answered: AtomicBool::new(false),
        }
    }

    /// What `asking` brings, which asks the service.
    ///
    /// Errors: `Denied` after 5 s of silence, if it has never answered; `Unexpected` and retryable if it
    /// has before.
    pub async fn answer<T>(
        &self,
        operation: &'static str,
        asking: impl Future<Output = T>,
    ) -> Result<T> {
        let limit = self.clock.sleep(SILENCE);
        let Either::Left((answer, _)) = select(pin!(asking), limit).await else {
            return Err(self.silent(operation));
        };
        self.answered.store(true, Ordering::Relaxed);
        Ok(answer)
    }

    fn silent(&self, operation: &'static str) -> Error {
        let what = format!("the machine's metadata service has not answered within {SILENCE:?}");
        if self.answered.load(Ordering::Relaxed) {
            return Error::new(ErrorKind::Unexpected, operation, what).retryable();
        }
        let message = format!("no credentials were found, and {what}; {}", self.remedy);
        Error::new(ErrorKind::Denied, operation, message)
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;

    /// Every wait is over at once.
    #[derive(Debug)]
    struct AtOnce;

    #[async_trait]
    impl Clock for AtOnce {
        async fn sleep(&self, _duration: Duration) {}
    }

    /// A metadata service that takes connections and never answers held GCS up for two minutes, S3 and
    /// ABS for half a one, and at the end nobody spoke of it.
    #[tokio::test]
    async fn silence_is_told_and_what_to_do() {
        let metadata = Metadata::by_clock(Arc::new(AtOnce), "set X");
        let silence = std::future::pending::<()>();
        let error = metadata.answer("open", silence).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(!error.is_retryable());
        for told in ["metadata service", "5s", "set X"] {
            assert!(error.message().contains(told), "{error}");
        }
    }

    /// A restore that runs for an hour must not end for a service that restarts.
    #[tokio::test]
    async fn one_that_has_answered_is_asked_again() {
        let metadata = Metadata::by_clock(Arc::new(AtOnce), "set X");
        assert_eq!(metadata.answer("open", async { 7 }).await.unwrap(), 7);
        let silence = std::future::pending::<()>();
        let error = metadata.answer("get", silence).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
    }
}
