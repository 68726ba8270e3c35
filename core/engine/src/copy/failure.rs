use snapstore::Key;

use crate::backups::metadata::ReadError;
use crate::backups::storing;

/// Why one object is not at the destination, or does not count as copied.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the source cannot be read: {0}")]
    Read(#[source] snapstore::Error),
    #[error(
        "its SHA-256 is {found}, and its metadata says {told}: it was damaged or replaced at the source, and is not copied"
    )]
    NotAsDescribed { found: String, told: String },
    #[error("{0}: it is damaged at the source, and not copied")]
    Damaged(String),
    #[error("the destination did not take it: {0}")]
    Storing(#[source] storing::Error),
    #[error("{key} is not what was sent: {why}; it was removed again from the destination")]
    Spoilt { key: Key, why: String },
    #[error(
        "the destination has {there} with as many bytes and another SHA-256: move away the one that is wrong"
    )]
    Other { there: Key },
    #[error("the destination has {there}, which cannot be compared: {why}")]
    NotCompared { there: Key, why: String },
    #[error("its metadata was not written at the destination: {0}")]
    Metadata(#[source] ReadError),
    #[error("it is at the destination, and cannot be decrypted there: {0}")]
    WithoutKey(String),
    #[error("no thread could be started to check it: {0}")]
    Machine(#[source] crate::error::Error),
    #[error("stopped before it was copied")]
    Interrupted,
}

impl From<storing::Error> for Failure {
    fn from(error: storing::Error) -> Self {
        match error {
            storing::Error::Interrupted => Self::Interrupted,
            other => Self::Storing(other),
        }
    }
}
