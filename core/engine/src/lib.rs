//! What is done with backups.

pub mod delta;
pub mod restore;
pub mod snapshot;
