use std::{io, result};

use crate::backups;
use crate::encryption::KeyError;
use crate::hint::Hint;

/// The result of what is done with keys.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing more was done with the keys of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backups cannot be read.
    #[error(transparent)]
    Backups(#[from] backups::Error),
    /// The keys cannot be listed or read.
    #[error("cannot read the keys in {location}: {source}")]
    Keys {
        /// Where they are.
        location: String,
        /// What was said.
        source: KeyError,
    },
    /// The new object of a key cannot be made.
    #[error("cannot encrypt a key: {0}")]
    Encrypt(#[source] io::Error),
    /// Nobody was named for whom keys are to be encrypted.
    #[error("nobody is named for whom the keys are to be encrypted: name a file with recipients")]
    NoRecipients,
    /// Whoever asks for it could read nothing afterwards.
    #[error(
        "nothing was rotated: none of the identities that were given opens what is encrypted for these recipients, so that a mistake in \
         their file would lock everybody out"
    )]
    ForOthers,
    /// Somebody asked to stop.
    #[error("interrupted; every key is readable, by the identities of before or by those of after")]
    Interrupted,
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            Self::ForOthers => vec![Hint::RecipientsAreOthers],
            _ => Vec::new(),
        }
    }
}
