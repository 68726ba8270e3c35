use crate::backups;
use crate::error::Error as System;
use crate::hint::Hint;

/// The result of a validation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a data directory could not be judged. A validation changes nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The machine refuses, or the backups cannot be listed.
    #[error(transparent)]
    Backups(backups::Error),
    /// Somebody asked to stop.
    #[error("interrupted before the data directory was judged")]
    Interrupted,
}

impl From<backups::Error> for Error {
    fn from(error: backups::Error) -> Self {
        match error {
            backups::Error::System(System::Interrupted) => Self::Interrupted,
            other => Self::Backups(other),
        }
    }
}

impl From<System> for Error {
    fn from(error: System) -> Self {
        backups::Error::from(error).into()
    }
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            Self::Interrupted => Vec::new(),
        }
    }
}
