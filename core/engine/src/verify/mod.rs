//! Whether a state can be restored, found out by all that a restore does, except write.

mod report;
mod run;

pub use report::Report;
pub use run::{Verification, verify, verify_file};
