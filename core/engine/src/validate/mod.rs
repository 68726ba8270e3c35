//! Can this data directory be trusted, and does it not lag behind its backups? Looked at without an etcd,
//! and without changing anything: what would be repaired at etcd's next start is said, not done.
//!
//! look (files) -> facts -> judge (pure) -> finding -> verdict. What is done about it is decided in
//! [`crate::initialize`].

mod beginning;
mod compare;
mod database;
mod error;
mod facts;
mod finding;
#[cfg(test)]
mod finding_tests;
mod look;
mod membership;
mod messages;
mod obstacles;
mod raft;
mod read_ahead;
mod request;
mod run;
mod safe_guard;
mod snapshot_from_leader;
mod stands_at;
mod verdict;

pub use etcd::replay::{ServerVersion, Servers};

pub use compare::{Backups, Histories, Reach};
pub use error::{Error, Result};
pub use facts::{Facts, Guard, HeldLog, Part, Position, Structure};
pub use finding::{Finding, judge};
pub use look::{look_at_content, look_at_structure};
pub use request::{Mode, Validation};
pub use run::{Validated, validate};
pub use safe_guard::SafeGuard;
pub(crate) use stands_at::stands_at;
pub use verdict::Verdict;
