//! What is told to Prometheus. Others say what happened; the names are here alone.

mod derived;
mod handle;
mod initialized;
mod names;
mod process;
mod registry;
mod told;

pub use handle::Metrics;
pub use initialized::{Initialized, Lost, Refused};
pub use told::{Call, Member, Outcome, Phase, Requirement, RestoredAs, What};

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
