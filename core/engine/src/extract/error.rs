use std::{io, result};

use crate::hint::Hint;
use crate::keyspace;
use crate::size::counted;

/// The result of an extraction.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why an extraction did not come to its end. What it had written until then stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The state of the backups cannot be read.
    #[error("{source}{}", after(*.written))]
    Backup {
        /// Why.
        source: keyspace::Error,
        /// How many keys were written before.
        written: u64,
    },
    /// The etcd cannot be read. Nothing that follows is written.
    #[error("{source}{}", after(*.written))]
    Live {
        /// Why.
        source: keyspace::Error,
        /// How many keys were written before.
        written: u64,
    },
    /// The backup is of one cluster, and the etcd of another.
    #[error(
        "another cluster: the backup is of {backup}, and etcd is of {live}; nothing was written"
    )]
    OtherCluster {
        /// The one of the backup.
        backup: String,
        /// The one that runs.
        live: String,
    },
    /// etcd did not answer to a transaction as it should.
    #[error(
        "{source}; whether {} of this transaction were written is not known: {first} and the keys after it{}; begin \
         again: what is there already is no change any more",
        counted(*keys, "key", "keys"), after(*.written)
    )]
    Write {
        /// Why.
        source: client::Error,
        /// The first of them, in quotes.
        first: String,
        /// How many.
        keys: usize,
        /// How many keys were written before.
        written: u64,
    },
    /// What was written is read again, and that failed.
    #[error("what was written cannot be read again: {source}{}", after(*.written))]
    ReadBack {
        /// Why.
        source: client::Error,
        /// How many keys were written before.
        written: u64,
    },
    /// What was written is read again, and is not what it should be.
    #[error(
        "the key {key} was written at revision {revision}, and etcd has something else there: check this cluster"
    )]
    NotAsWritten {
        /// The key, in quotes.
        key: String,
        /// Where.
        revision: i64,
    },
    /// A step cannot be told.
    #[error("cannot write the result: {source}{}", after(*.written))]
    Listener {
        /// Why.
        source: io::Error,
        /// How many keys were written before.
        written: u64,
    },
    /// The extraction itself failed.
    #[error(transparent)]
    System(crate::error::Error),
    /// Somebody asked to stop.
    #[error("interrupted{}", after(*.written))]
    Interrupted {
        /// How many keys were written before.
        written: u64,
    },
}

fn after(written: u64) -> String {
    match usize::try_from(written).unwrap_or(usize::MAX) {
        0 => "; nothing was written".to_owned(),
        written => format!(
            "; {} written before",
            counted(written, "key was", "keys were")
        ),
    }
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backup { source: error, .. } | Self::Live { source: error, .. } => error.hints(),
            Self::OtherCluster { .. } => vec![Hint::PutIntoOtherCluster],
            Self::Write { source, .. } | Self::ReadBack { source, .. } => Hint::of_keys(source),
            _ => Vec::new(),
        }
    }
}
