//! What can be done with backups and data directories: the verbs of the program, without their command line.

pub mod backups;
pub mod chosen;
pub mod compact;
pub mod copy;
pub mod data_dir;
pub mod defragment;
pub mod descent;
pub mod diff;
pub mod drill;
mod error;
pub mod export;
pub mod extract;
pub mod gc;
pub mod get;
mod hint;
pub mod history;
pub mod import;
pub mod initialize;
pub mod inspect;
pub mod keyspace;
pub mod lineage;
pub mod lock;
pub mod machine;
pub mod progress;
pub mod recover_quorum;
mod remedy;
pub mod restore;
pub mod retention;
pub mod schedule;
pub mod session;
pub mod size;
pub mod snapshot;
pub mod validate;
pub mod verify;

pub use error::{Error, Result};
pub use hint::Hint;
