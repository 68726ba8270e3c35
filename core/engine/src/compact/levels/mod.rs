//! Merges the deltas of closed chains into fewer, larger ones: the same events, in objects that take fewer requests.
//!
//! A chain is closed when a full stands after it. For each group of deltas that follow on each other: metadata, the
//! merged delta, what is in it read back from the store and compared with the events of its parts, and only then the
//! parts are deleted. Stopped in between, parts are there that the merged one holds too; the next run compares and deletes
//! them.

mod events;
mod groups;
mod merged;
mod report;
mod request;
mod run;

pub use report::{Group, Levels, Outcome};
pub use request::{Leveling, Mode};
pub use run::level;
