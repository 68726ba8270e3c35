//! Whether a state can be restored, found out by all that a restore does, except write; and whether it is the one that
//! etcd had.

mod against;
mod error;
mod fold;
mod fold_full;
mod memory;
mod proof;
mod report;
mod run;

pub use against::{Asking, Remembered, against, against_remembered};
pub use error::{Error, Result};
pub use fold_full::against_full;
pub use memory::{Memory, Watched, keeps_hashes};
pub use proof::Proven;
pub use report::Report;
pub use run::{Verification, verify, verify_file};
