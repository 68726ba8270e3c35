use std::result;

use crate::backups;
use crate::hint::Hint;
use crate::history::over_backups;
use crate::size::bytes;

/// The result of a reading.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing was read. A reading leaves nothing behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backups cannot be read, or do not make a state.
    #[error(transparent)]
    Backups(backups::Error),
    /// What was made of the objects is not what they say. A bug or failing hardware.
    #[error(
        "what was read does not pass its check: {0}; check the disk and the memory of this machine, and \
         report this if they are sound"
    )]
    FailedCheck(String),
    /// What is asked for does not fit.
    #[error("the keys that were asked for take more than {} of memory", bytes(*.memory as u64))]
    TooMuch {
        /// Bytes that they may take.
        memory: usize,
    },
    /// Somebody asked to stop.
    #[error("interrupted before the keys were read")]
    Interrupted,
}

over_backups!(Error);

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            Self::TooMuch { .. } => vec![Hint::AskForLess],
            _ => Vec::new(),
        }
    }
}
