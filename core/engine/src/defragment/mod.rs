//! Defragmentation: writes the databases of a cluster anew without what is free in them, one member after another, so that no
//! more than one is blocked at a time and never the leader.
//!
//! etcd blocks a member for as long as its defragmentation takes (`server/storage/backend/backend.go`, `Defrag`); a snapshot that is
//! being read holds it up, with all that is asked of that member.

mod error;
mod look;
mod plan;
mod report;
mod request;
mod run;
mod unhealthy;

pub use error::{Error, Result};
pub use plan::{MinGain, Role};
pub use report::{Line, Outcome, Report};
pub use request::{Mode, Request};
pub use run::run;
pub use unhealthy::Unhealthy;
