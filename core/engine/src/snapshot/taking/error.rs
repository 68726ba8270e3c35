use crate::backups;
use crate::backups::metadata::ReadError;
use crate::backups::storing;
use crate::hint::Hint;
use crate::snapshot::error as snapshot;
use crate::snapshot::fence;

/// The result of a run.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a snapshotter does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// etcd refuses, and will refuse again.
    #[error("cannot take backups: {0}")]
    Etcd(#[source] client::Error),
    /// What the store holds is not known.
    #[error(transparent)]
    Backups(#[from] backups::Error),
    /// What is known about the newest backups cannot be read.
    #[error("cannot read what is known about the backups in {location}: {source}")]
    Metadata {
        /// The store.
        location: String,
        /// What it said.
        source: ReadError,
    },
    /// A single snapshot failed as often as it may.
    #[error("no snapshot was taken in {attempts} attempts: {last}")]
    GivenUp {
        /// How many.
        attempts: u32,
        /// Why the last failed.
        last: String,
    },
    /// A single snapshot cannot be taken before somebody changes something.
    #[error("no snapshot was taken: {0}")]
    Refused(#[source] snapshot::Error),
    /// It is not known which snapshotter writes deltas.
    #[error(transparent)]
    Fence(#[from] fence::Error),
    /// Another snapshotter has begun after this one, or the store is not the one that it began with.
    #[error(
        "another snapshotter has taken over (fence/ in the store says which), or the store was emptied or exchanged \
         under this one: it stops, and what it held is in etcd; run one at a time"
    )]
    Deposed,
    /// Somebody asked to stop before a single snapshot was taken.
    #[error("interrupted before the snapshot was taken")]
    Interrupted,
    /// A part of it panicked, which is a bug: what it had stored is whole.
    #[error(
        "a part of the snapshotter has panicked, and the log says where; please report this. What was said to be stored is, and what \
         was held is in etcd"
    )]
    Died,
    /// A delta could not be written.
    #[error(transparent)]
    Snapshot(#[from] snapshot::Error),
}

impl From<storing::Error> for Error {
    fn from(error: storing::Error) -> Self {
        Self::Snapshot(error.into())
    }
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Etcd(error) => Hint::of_etcd(error),
            Self::Refused(error) | Self::Snapshot(error) => error.hints(),
            Self::Backups(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}
