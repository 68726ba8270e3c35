use std::io;
use std::result;
use std::time::Duration;

use snapstore::Key;

use super::fence;
use super::machine::Failure;
use super::side::Side;
use crate::error as machine;
use crate::hint::Hint;

/// The result of taking a snapshot.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why a snapshot does not count as taken. Unless it says otherwise, no object has appeared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// etcd did not send a whole snapshot.
    #[error("cannot read a snapshot of etcd: {0}")]
    Etcd(#[source] client::Error),
    /// The store did not take it. Where only its answer was lost, an object may have appeared later.
    #[error("cannot store {key}: {source}")]
    Store {
        /// The object.
        key: Key,
        /// What it said.
        source: snapstore::Error,
    },
    /// It is not a full's turn: see [`Turn`](super::taking::Turn).
    #[error(
        "a member of etcd is being defragmented: a full would block it until the full has ended"
    )]
    Blocked,
    /// One side did not go on. etcd's transaction was ended.
    #[error(
        "the full was given up after {waited:?} in which {side} did not go on: while it is read, etcd uses no \
         freed page again; it is taken again later"
    )]
    Stalled {
        /// Who was waited for.
        side: Side,
        /// How long.
        waited: Duration,
    },
    /// The member that is asked for the full has not applied what its name would promise.
    #[error(
        "{endpoint} is at revision {head}, and a full that holds revision {revision} was asked for: the member lags"
    )]
    Behind {
        /// Who was asked.
        endpoint: client::Endpoint,
        /// What it has applied.
        head: i64,
        /// What the full must hold.
        revision: i64,
    },
    /// etcd has sent a database that does not hold what the name of the full would promise.
    #[error(
        "etcd sent a snapshot of revision {holds}, and a full that holds revision {revision} was asked for"
    )]
    Less {
        /// What its pages say.
        holds: i64,
        /// What the full must hold.
        revision: i64,
    },
    /// It is not known whether another snapshotter has taken over.
    #[error(transparent)]
    Fence(#[from] fence::Error),
    /// It is not known whether what it continues is still there.
    #[error("cannot ask for the backups that it continues: {0}")]
    Chain(#[source] snapstore::Error),
    /// It took longer than it may.
    #[error("the full was given up: it was not done within {within:?}")]
    Long {
        /// How long it may take.
        within: Duration,
    },
    /// What came, or what became of it here, is not what etcd hashed.
    #[error(
        "the database that came is not the one that etcd sent: its SHA-256 or its length is another, so nothing is \
         stored; if it happens again, check the network and the memory of this machine"
    )]
    Changed,
    /// What is in the store is not what was sent. The object is there, and must not be counted on.
    #[error("{key} is not what was sent: {why}; it is in the store, and nothing may rest on it")]
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

impl From<client::Error> for Error {
    fn from(error: client::Error) -> Self {
        Self::Etcd(error)
    }
}

impl Error {
    /// Whether trying again may help.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Etcd(error) => of_etcd(error),
            Self::Store { source, .. }
            | Self::Unproven { source, .. }
            | Self::Chain(source)
            | Self::Fence(fence::Error::Store(source)) => of_store(source),
            Self::Name(_) => Failure::Lasting,
            _ => Failure::Passing,
        }
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Etcd(error) => Hint::of_etcd(error),
            // That of the fence says it itself.
            Self::Store { source, .. } | Self::Unproven { source, .. } | Self::Chain(source)
                if source.kind() == snapstore::ErrorKind::Denied =>
            {
                vec![Hint::RightsInStore]
            }
            _ => Vec::new(),
        }
    }
}

/// The same of what etcd says.
pub(super) fn of_etcd(error: &client::Error) -> Failure {
    use client::ErrorKind::{Config, PermissionDenied, Tls, Unauthenticated, Unimplemented};
    match error.kind() {
        Config | PermissionDenied | Tls | Unauthenticated | Unimplemented => Failure::Lasting,
        _ => Failure::Passing,
    }
}

fn of_store(error: &snapstore::Error) -> Failure {
    use snapstore::ErrorKind::{Config, Denied, Unsupported};
    match error.kind() {
        Config | Denied | Unsupported => Failure::Lasting,
        _ => Failure::Passing,
    }
}
