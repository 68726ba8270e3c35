//! What is done with backups.

pub mod chosen;
pub mod data_dir;
pub mod delta;
mod error;
pub mod initialize;
pub mod inspect;
pub mod lock;
pub mod machine;
pub mod progress;
pub mod restore;
pub mod size;
pub mod snapshot;
pub mod validate;

pub use error::{Error, Result};
