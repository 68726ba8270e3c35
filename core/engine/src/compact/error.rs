use std::result;

use etcd::lease::LONGEST_TTL;
use snapstore::Key;

use crate::backups::metadata::{MetadataError, ReadError};
use crate::backups::{self, storing};
use crate::hint::Hint;
use crate::history::over_backups;

/// The result of a compaction.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing was compacted. Unless it says otherwise, the store is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backups cannot be read, or do not make a state.
    #[error(transparent)]
    Backups(backups::Error),
    /// A time to live that etcd grants to no lease.
    #[error(
        "the time to live of leases of which none is known must be at least one second, and at most the \
         {LONGEST_TTL} s that etcd grants"
    )]
    LeaseTtl,
    /// What is made of encrypted objects would not be encrypted.
    #[error(
        "nothing was compacted: {encrypted} is encrypted, and what is made of it would be readable by whoever reads the store: say for \
         whom it is to be encrypted"
    )]
    WouldBePlain {
        /// One of them.
        encrypted: Key,
    },
    /// What takes the place of deltas could be read by nobody who is there.
    #[error(
        "nothing was merged: none of the identities that were given opens what is encrypted for the recipients, and what deltas are merged \
         into takes their place"
    )]
    ForOthers,
    /// There is nothing to begin with.
    #[error(
        "nothing was compacted: the newest deltas follow on no full, and a compaction begins with one; take one first"
    )]
    NoFull,
    /// The deltas are of no known lineage.
    #[error(
        "nothing was merged: the backups have no metadata that names their lineage, as the snapshots that this program takes \
         have, and without it only names tell which history was left on purpose"
    )]
    NoLineage,
    /// A full of that lineage would be the newest state of the store.
    #[error(
        "nothing was compacted: lineage {lineage} is not the newest, and a full of it that is written now would be taken for \
         the newest state of the store"
    )]
    WouldBeNewest {
        /// The lineage.
        lineage: String,
    },
    /// Names tell of two histories, and a full that is written now would be later than all of them.
    #[error(
        "nothing was compacted, since the new full would hide this: {0}. Move the objects of the one that was left away, and run \
         it again"
    )]
    TwoHistories(String),
    /// A merged delta is not what its parts are. Nothing is deleted.
    #[error(
        "{merged} does not hold the same events as {parts}: all of them stay. Keep them for whoever looks into it, and check the \
         memory of this machine"
    )]
    NotAlike {
        /// The merged one, as the store gives it.
        merged: Key,
        /// One of its parts, or what is wrong with all of them.
        parts: String,
    },
    /// The full could not be made, sent or shown to be in the store.
    #[error(transparent)]
    Storing(storing::Error),
    /// What the store had of an object was not what was sent, so it was removed again.
    #[error(
        "{key} is not what was sent: {why}; it was removed again, and what it was made of stays"
    )]
    Spoilt {
        /// The object.
        key: Key,
        /// What was found.
        why: String,
    },
    /// What is known of the objects cannot be read, or that of the full not be written. The full did not appear.
    #[error("nothing was compacted: the metadata of the backups: {0}")]
    Metadata(#[from] ReadError),
    /// The same of a document that would be refused when it is read.
    #[error("nothing was compacted: the metadata of the new full: {0}")]
    Document(#[from] MetadataError),
    /// What was made is not what was meant. A bug or failing hardware.
    #[error(
        "the compacted database did not pass its check, so it was not stored: {0}; check the disk and the memory of this \
         machine, and report this if they are sound"
    )]
    FailedCheck(String),
    /// Somebody asked to stop.
    #[error(
        "interrupted; what was sent of an object that is not complete is no backup, and `gc` removes it"
    )]
    Interrupted,
}

over_backups!(Error);

impl From<storing::Error> for Error {
    fn from(error: storing::Error) -> Self {
        match error {
            storing::Error::Interrupted => Self::Interrupted,
            other => Self::Storing(other),
        }
    }
}

impl storing::OfStoring for Error {
    fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted)
    }
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        let of_store = match self {
            Self::Backups(error) => return error.hints(),
            Self::LeaseTtl => return vec![Hint::UnknownLeaseTtl],
            Self::ForOthers => return vec![Hint::NameIdentity],
            Self::WouldBePlain { .. } => return vec![Hint::NameRecipients],
            Self::Storing(error) => error.of_store(),
            Self::Metadata(ReadError::Store(error)) => Some(error),
            _ => None,
        };
        match of_store.map(snapstore::Error::kind) {
            Some(snapstore::ErrorKind::Denied) => vec![Hint::RightsInStore],
            _ => Vec::new(),
        }
    }
}
