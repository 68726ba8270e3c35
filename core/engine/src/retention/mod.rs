//! Which snapshots may be deleted, and why: a pure function of what a store lists, the time and the rules.
//!
//! A policy chooses among the fulls of one lineage; deltas follow their own age; guards take back what must never be
//! deleted, whatever a policy says. Nothing here asks a store or a clock.

mod choice;
mod decide;
mod exponential;
#[cfg(test)]
mod golden_tests;
mod guard;
mod item;
mod limit;
mod lineage;
#[cfg(test)]
mod never_tests;
mod policy;
#[cfg(test)]
mod store_of_tests;
mod stream;
mod window;

pub use choice::{Choice, Keep, Period, Remove};
pub use decide::{Decision, Removal, decide};
pub use item::{Item, Origin};
pub use lineage::Scope;
pub use policy::{Policy, ProofRule, Rules};
pub use window::Window;
