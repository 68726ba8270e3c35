//! What a snapshotter does next: a machine without I/O. It is told what has happened and when, and says what is
//! to be done. Bytes stay outside: it counts them.
//!
//! ```text
//!  start ─▶ Probing ──same──▶ Joining ─▶ Following ◀──────────┐
//!              │ other, unknown            │ queue is full     │ head is near
//!              ▼                           ▼                   │
//!           Asking ─▶ Joining+full      Draining ─▶ Asking ────┘
//! ```
//!
//! What it holds to:
//! - a delta ends where a revision ends, and begins where the one before ended;
//! - deltas are stored in order, one at a time, and only when what is in the store reaches them;
//! - while a full is under way no delta ends below what the full may hold: etcd-backup-restore applies the first
//!   delta to a full that may be ahead of its name, and fails where the delta is not (its issue 1044);
//! - a watch that is not wanted is given up, never left unread: etcd pays for that.

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

pub use effect::{Base, Effect, Ending};
pub use input::{Input, Kin, Policy, WatchEnd};
pub use state::{Machine, Reached};
