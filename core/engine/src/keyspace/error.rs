use std::result;

use crate::backups;
use crate::hint::Hint;
use crate::history::over_backups;
use crate::size::bytes;

/// The result of reading a state.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why a state was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backups cannot be read, or do not make a state.
    #[error(transparent)]
    Backups(backups::Error),
    /// What was made of the objects is not what they say. A bug or failing hardware.
    #[error(
        "what was read does not pass its check: {0}; check the disk and the memory of this machine, and \
         report this if they are sound"
    )]
    FailedCheck(String),
    /// The keys do not fit.
    #[error("the keys that were asked for take more than {} of memory, without their values", bytes(*.memory as u64))]
    TooManyKeys {
        /// Bytes that they may take.
        memory: usize,
    },
    /// The etcd that runs does not say what it was asked.
    #[error("cannot read the keys of etcd: {0}")]
    Etcd(#[source] client::Error),
    /// Its keys are read at one revision, and it has forgotten that meanwhile.
    #[error(
        "etcd was compacted past revision {revision} while its keys were read at that revision: begin again: {source}"
    )]
    CompactedMeanwhile {
        /// The revision.
        revision: i64,
        /// What it says.
        source: client::Error,
    },
    /// One address leads to two clusters.
    #[error(
        "etcd's first answer was of cluster {first:x}, and a later one of cluster {then:x}: name the members of one cluster"
    )]
    AnotherCluster {
        /// The id of the first.
        first: u64,
        /// The other one.
        then: u64,
    },
    /// Somebody asked to stop.
    #[error("interrupted before all keys were read")]
    Interrupted,
}

over_backups!(Error);

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            Self::TooManyKeys { .. } => vec![Hint::FewerKeys],
            Self::Etcd(error) => Hint::of_keys(error),
            _ => Vec::new(),
        }
    }
}
