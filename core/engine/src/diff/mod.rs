//! What differs between two states: of backups, of one file, of an etcd that runs.

mod error;
mod report;
mod request;
mod run;

pub use error::{Error, Result};
pub use report::{Counts, Report};
pub use request::{Listener, Request};
pub use run::diff;
