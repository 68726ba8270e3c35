use std::result;

use crate::backups;
use crate::hint::Hint;

/// The result of a collection.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing more was deleted. What was deleted before stays deleted, in an order after which every chain that is left
/// restores as far as it goes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backups cannot be listed, or which lineage they are of and what is marked is not known.
    #[error(transparent)]
    Backups(#[from] backups::Error),
    /// Somebody asked to stop before anything was deleted.
    #[error("interrupted before anything was deleted")]
    Interrupted,
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}
