//! What a snapshotter does next: a machine without I/O. It is told what has happened and when, and says what is
//! to be done. Bytes stay outside: it counts them.
//!
//! | where it is | what leads on |
//! |---|---|
//! | probing: is etcd's history that of what was read? | the same and near: it joins. The same, but far: it drains, then a full. Another, or none that is proven: it drains, then a lineage |
//! | asking for the newest revision | a new lineage begins there with a full |
//! | joining, following | the watch breaks: it waits and probes. The queue is full, or events are missing: it drains |
//! | draining: what is held goes to the store | it probes again, or asks |
//!
//! What it holds to:
//! - a delta ends where a revision ends, and begins where the one before ended;
//! - deltas are stored in order, one at a time, and only when what is in the store reaches them;
//! - while a full is under way no delta ends below what the full may hold: etcd-backup-restore applies the first
//!   delta to a full that may be ahead of its name, and fails where the delta is not (its issue 1044). A full that is
//!   given up may appear all the same: what became of it is waited for;
//! - a watch that is not wanted is given up, never left unread: etcd pays for that.

mod again;
mod deltas;
mod effect;
mod fulls;
mod input;
mod queue;
#[cfg(test)]
mod simulation;
mod state;
#[cfg(test)]
mod state_tests;
mod watching;

pub use again::{Again, Failure};
pub use effect::{Base, Effect, Ending};
pub use input::{Input, Object, Policy, Probed, WatchEnd};
pub use state::{Machine, Reached};
