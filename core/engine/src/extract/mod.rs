//! Keys that are gone or changed are put back into an etcd that runs, out of backups and without a restore.

mod apply;
mod cluster;
mod error;
mod plan;
mod report;
mod request;
mod run;
mod script;

pub use client::Write;
pub use error::{Error, Result};
pub use plan::{Changed, Extra, Rules};
pub use report::{Counts, Outcome, Report, Step};
pub use request::{Listener, Mode, OtherCluster, Request};
pub use run::extract;
pub use script::{SCRIPT_BEGIN, SCRIPT_END, scripted};
