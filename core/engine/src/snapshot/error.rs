use std::result;
use std::time::Duration;

use super::fence;
use super::machine::Failure;
use crate::backups::storing::{self, Side};
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
    /// It could not be made, sent or shown to be in the store.
    #[error(transparent)]
    Storing(storing::Error),
    /// It is not a full's turn: see [`Turn`](super::taking::Turn).
    #[error(
        "a member of etcd is being defragmented: a full would block the defragmentation; it is taken afterwards"
    )]
    Blocked,
    /// One side did not go on. etcd's transaction was ended.
    #[error(
        "the full was given up: no progress from {side} for {waited:?}. While a full is read, etcd cannot use freed pages again; \
         it is taken again later"
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
    /// Somebody asked to stop.
    #[error("interrupted before it was stored")]
    Interrupted,
    /// Somebody asked to stop, and the store had not answered the request that makes the object: it may appear.
    #[error("interrupted before the store had answered: the full may appear in it")]
    Unanswered,
}

impl From<storing::Error> for Error {
    fn from(error: storing::Error) -> Self {
        match error {
            storing::Error::Stalled { side, waited } => Self::Stalled { side, waited },
            storing::Error::Interrupted => Self::Interrupted,
            other => Self::Storing(other),
        }
    }
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
            Self::Chain(source) | Self::Fence(fence::Error::Store(source)) => of_store(source),
            Self::Storing(storing::Error::Name(_)) => Failure::Lasting,
            Self::Storing(error) => error.of_store().map_or(Failure::Passing, of_store),
            _ => Failure::Passing,
        }
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        // What the fence says, it says itself.
        let of_store = match self {
            Self::Etcd(error) => return Hint::of_etcd(error),
            Self::Storing(error) => error.of_store(),
            Self::Chain(source) => Some(source),
            _ => None,
        };
        match of_store.map(snapstore::Error::kind) {
            Some(snapstore::ErrorKind::Denied) => vec![Hint::RightsInStore],
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
