//! Whether a state can be restored, found out by all that a restore does, except write.

mod run;

pub use run::{Verification, verify};
