//! Whether a state can be restored, found out by all that a restore does, except write.

mod error;
mod report;
mod run;

pub use error::{Error, Result};
pub use report::Report;
pub use run::{Verification, verify, verify_file};
