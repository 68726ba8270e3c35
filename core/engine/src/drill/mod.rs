//! A rehearsal of the day on which a backup is needed: it is restored into a directory that is thrown away, an etcd is started
//! on it where one can be, and what comes of it is compared with what was noted when the backup was taken, and with the cluster
//! that it is of. Made of `restore`. Nothing at the source is changed: neither objects nor their metadata.
//!
//! ```text
//!  restore ─▶ restored (facts, read natively) ─▶ noted (metadata) ─▶ a live etcd ─▶ an etcd started on it ─▶ report
//! ```

mod asked;
mod check;
mod error;
mod noted;
mod report;
mod request;
mod restored;
mod run;

pub use check::{Check, Outcome};
pub use error::{Error, Result};
pub use report::{Phases, Report, Verdict};
pub use request::{NotStarted, Request, Running, Source, Starter};
pub use run::drill;
