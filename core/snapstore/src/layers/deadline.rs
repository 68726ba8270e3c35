use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};

use super::rate::LeastRate;
use crate::clock::Clock;
use crate::{Error, ErrorKind, Result};

/// How long calls may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// A call without a body: head, list, delete, the beginning of a get, the ends of an upload.
    pub call: Duration,
    /// A put or one part of an upload: as long as the reference gives a chunk.
    pub body: Duration,
    /// Between two pieces of a download, at the least; at the most a quarter longer.
    pub silence: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(30),
            body: Duration::from_secs(180),
            silence: Duration::from_secs(30),
        }
    }
}

/// Bytes a second that a service copies by itself at the least.
const COPIED_A_SECOND: u64 = 4 << 20;

impl Deadlines {
    /// For a service that copies an object of so many bytes, in as many steps as it takes.
    pub(super) fn of_copy(&self, bytes: u64) -> Duration {
        self.body
            .saturating_add(Duration::from_secs(bytes / COPIED_A_SECOND))
    }
}

/// What a call is watched with.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub(super) deadlines: Deadlines,
    /// How slow a download may be that is not silent.
    pub(super) least: LeastRate,
    pub(super) clock: Arc<dyn Clock>,
}

impl Watch {
    /// Does `work`, a call that is `about` a key or a prefix, or about nothing.
    pub(super) async fn of<T>(
        &self,
        operation: &'static str,
        about: &str,
        limit: Duration,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let begun = self.clock.now();
        let call = match about {
            "" => operation.to_owned(),
            about => format!("{operation} {about}"),
        };
        tracing::trace!("{call}: asking");
        match select(Box::pin(work), self.clock.sleep(limit)).await {
            Either::Left((done, _)) => {
                let took = self.clock.now().saturating_duration_since(begun);
                let took = took.as_millis();
                match &done {
                    Ok(_) => tracing::debug!("{call} answered after {took} ms"),
                    Err(error) => tracing::debug!("{call} failed after {took} ms: {error}"),
                }
                done
            }
            Either::Right(((), _)) => Err(too_long(operation, limit)),
        }
    }
}

pub(super) fn too_long(operation: &'static str, limit: Duration) -> Error {
    let message = format!("no answer within {limit:?}");
    Error::new(ErrorKind::Unexpected, operation, message).retryable()
}
