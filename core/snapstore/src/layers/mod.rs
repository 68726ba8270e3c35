//! What every store gets, written once: retries, deadlines, resuming.
//!
//! [`widen`] is for who reads long objects: several connections, where one is slow.
//!
//! From the outside in: [`Resume`] -> [`Retry`] -> [`Timeout`] -> store. [`with_layers`] puts them on.

mod backoff;
mod deadline;
mod extent;
mod open;
mod rate;
mod rest;
mod resume;
mod retry;
mod retry_log;
mod silence;
mod timeout;
mod wide;

use std::sync::Arc;

pub use backoff::{Backoff, MAX_RETRY_AFTER, RetryPolicy};
pub use deadline::Deadlines;
pub use open::open;
pub use resume::Resume;
pub use retry::Retry;
pub use timeout::Timeout;
pub use wide::{Widening, widen};

use crate::Snapstore;
use crate::clock::Clock;

/// `store` with all layers, in their order. `seed` spreads the waits of many processes.
pub fn with_layers(
    store: Arc<dyn Snapstore>,
    clock: &Arc<dyn Clock>,
    seed: u64,
) -> Arc<dyn Snapstore> {
    let timely = Arc::new(Timeout::new(store, Deadlines::default(), clock.clone()));
    let policy = RetryPolicy::new(Backoff::default(), clock.clone(), seed);
    let retrying = Arc::new(Retry::new(timely.clone(), policy.clone()));
    Arc::new(Resume::new(retrying, policy).reopening(timely))
}
