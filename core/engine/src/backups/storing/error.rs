use std::io;
use std::result;
use std::time::Duration;

use snapstore::Key;

use super::side::Side;
use crate::encryption::KeyError;
use crate::error as machine;

/// The result of storing an object.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why an object does not count as stored. Unless it says otherwise, none has appeared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store did not take it. Where only its answer was lost, an object may have appeared later.
    #[error("cannot store {key}: {source}")]
    Store {
        /// The object.
        key: Key,
        /// What it said.
        source: snapstore::Error,
    },
    /// One side did not go on.
    #[error("given up after {waited:?} in which {side} did not go on")]
    Stalled {
        /// Who was waited for.
        side: Side,
        /// How long.
        waited: Duration,
    },
    /// The database is not the one that its name would promise.
    #[error(
        "the database holds revision {holds}, and a full that holds revision {revision} was asked for"
    )]
    Less {
        /// What its pages say.
        holds: i64,
        /// What the full must hold.
        revision: i64,
    },
    /// What came, or what became of it here, is not what it was to be by the hash that it came with.
    #[error(
        "the database that came is not the one that was sent: its SHA-256 or its length is another, so nothing is stored; \
         if it happens again, check the network and the memory of this machine"
    )]
    Changed,
    /// What is in the store is not what was sent. The object is there, and must not be counted on.
    #[error("{key} is not what was sent: {why}; it is in the store and must not be used")]
    Damaged {
        /// The object.
        key: Key,
        /// What was found.
        why: String,
    },
    /// The object may be there, but nothing has shown that it is whole.
    #[error("{key} was stored, and could not be read back to show it: {source}")]
    Unproven {
        /// The object.
        key: Key,
        /// What the store said.
        source: snapstore::Error,
    },
    /// It could not be compressed.
    #[error("cannot compress it: {0}")]
    Encode(#[source] io::Error),
    /// It could not be encrypted.
    #[error("cannot encrypt it: {0}")]
    Encrypt(#[source] io::Error),
    /// The key that it is to be encrypted with is not in the store: nobody could ever decrypt it.
    #[error("{key} was not stored: its key is not safe: {source}")]
    NoKey {
        /// The object.
        key: Key,
        /// Why.
        source: KeyError,
    },
    /// What was stored encrypted does not decrypt. The object is there, and must not be counted on.
    #[error(
        "{key} was stored, and cannot be decrypted with the key that it was encrypted with: {why}; it must not be used"
    )]
    DoesNotOpen {
        /// The object.
        key: Key,
        /// What was found.
        why: String,
    },
    /// The name is none.
    #[error("the snapshot has no name: {0}")]
    Name(String),
    /// What the machine refuses.
    #[error(transparent)]
    Machine(machine::Error),
    /// Somebody asked to stop. If the store was about to answer, the object may be there.
    #[error("interrupted before it was stored")]
    Interrupted,
}

impl Error {
    /// What the store said, if it was the store.
    pub fn of_store(&self) -> Option<&snapstore::Error> {
        match self {
            Self::Store { source, .. } | Self::Unproven { source, .. } => Some(source),
            _ => None,
        }
    }
}
