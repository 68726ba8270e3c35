use std::path::Path;
use std::{io, result};

use crate::backups;
use crate::error::Error as System;
use crate::hint::Hint;
use crate::history::OfBackups;

/// The result of a verification.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing was verified. A verification leaves nothing behind.
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
    /// Somebody asked to stop.
    #[error("interrupted before the backups were verified")]
    Interrupted,
}

impl From<backups::Error> for Error {
    fn from(error: backups::Error) -> Self {
        match error {
            backups::Error::System(System::Interrupted) => Self::Interrupted,
            backups::Error::Inconsistent(what) => Self::FailedCheck(what),
            other => Self::Backups(other),
        }
    }
}

impl From<System> for Error {
    fn from(error: System) -> Self {
        backups::Error::from(error).into()
    }
}

impl OfBackups for Error {
    fn of_backups(&self) -> Option<&backups::Error> {
        match self {
            Self::Backups(error) => Some(error),
            _ => None,
        }
    }
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let of = System::io(action, path);
        move |source| of(source).into()
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}
