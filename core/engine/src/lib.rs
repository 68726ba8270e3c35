//! What is done with backups.

pub mod data_dir;
pub mod delta;
mod error;
pub mod lock;
pub mod progress;
pub mod restore;
pub mod snapshot;

pub use error::{Error, Result};
