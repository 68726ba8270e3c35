//! What every store gets, written once: patience, deadlines, resuming.
//!
//! From the outside in: [`Resume`] -> [`Retry`] -> [`Timeout`] -> store. [`dress`] puts them on.

mod deadline;
mod extent;
mod open;
mod patience;
mod rate;
mod rest;
mod resume;
mod retry;
mod silence;
mod timeout;

use std::sync::Arc;

pub use deadline::Deadlines;
pub use open::open;
pub use patience::{Backoff, MOST_ASKED, Patience};
pub use resume::Resume;
pub use retry::Retry;
pub use timeout::Timeout;

use crate::Snapstore;
use crate::clock::Clock;

/// `store` with all layers, in their order. `seed` spreads the waits of many processes.
pub fn dress(store: Arc<dyn Snapstore>, clock: &Arc<dyn Clock>, seed: u64) -> Arc<dyn Snapstore> {
    let timely = Arc::new(Timeout::new(store, Deadlines::default(), clock.clone()));
    let patience = Patience::new(Backoff::default(), clock.clone(), seed);
    let patient = Arc::new(Retry::new(timely.clone(), patience.clone()));
    Arc::new(Resume::new(patient, patience).reopening(timely))
}
