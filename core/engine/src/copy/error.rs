use std::result;

use crate::backups;
use crate::error::Error as System;
use crate::hint::Hint;

/// The result of a copy.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing was copied. What fails of single objects is in the [`Report`](super::Report).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What there is to copy cannot be found out.
    #[error("nothing was copied: the source: {0}")]
    Source(#[source] backups::Error),
    /// What is there already cannot be found out.
    #[error("nothing was copied: the destination: {0}")]
    Destination(#[source] backups::Error),
    /// Both are one.
    #[error("nothing was copied: source and destination are both {0}")]
    OnePlace(String),
    /// One is where the other keeps its snapshots.
    #[error(
        "nothing was copied: {destination} and {source_place} are one in the other, where snapshots are kept; name another \
         directory"
    )]
    Within {
        /// The source.
        source_place: String,
        /// The destination.
        destination: String,
    },
    /// Keys did not come, without which what is encrypted cannot be read.
    #[error("nothing was copied: the keys of the encrypted snapshots come first: {0}")]
    Keys(String),
    /// Somebody asked to stop.
    #[error("interrupted before anything was copied")]
    Interrupted,
    /// A task of this program ended before its work was done. A bug.
    #[error(transparent)]
    System(#[from] System),
}

impl Error {
    pub(super) fn of_source(error: backups::Error) -> Self {
        match is_interrupted(&error) {
            true => Self::Interrupted,
            false => Self::Source(error),
        }
    }

    pub(super) fn of_destination(error: backups::Error) -> Self {
        match is_interrupted(&error) {
            true => Self::Interrupted,
            false => Self::Destination(error),
        }
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Source(error) | Self::Destination(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

fn is_interrupted(error: &backups::Error) -> bool {
    matches!(error, backups::Error::System(System::Interrupted))
}
