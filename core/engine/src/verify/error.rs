use std::result;

use crate::backups;
use crate::hint::Hint;
use crate::history::over_backups;

/// The result of a verification.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing was verified. A verification leaves nothing behind.
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
    /// The backups are not what etcd had.
    #[error("{0}")]
    Differs(Box<Difference>),
    /// There is nothing to compare with.
    #[error("nothing is proven: {0}")]
    Nothing(String),
    /// This etcd remembers no hash of its compactions.
    #[error(
        "nothing is proven: etcd {version} keeps no hash of its compactions, as 3.5.5 and later do, and would read its \
         whole database for one"
    )]
    KeepsNoHashes {
        /// Its version.
        version: String,
    },
    /// etcd did not answer.
    #[error("nothing is proven: {0}")]
    Etcd(#[source] client::Error),
    /// What was found cannot be noted.
    #[error("what was proven cannot be noted beside the backups: {0}")]
    Note(#[source] backups::metadata::ReadError),
    /// Somebody asked to stop.
    #[error("interrupted before the backups were verified")]
    Interrupted,
}

/// What the backups lead to, and what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the backups are not what etcd had: at revision {revision} {what} is {ours} by the backups and {theirs} by \
     {whose}; one of these lies: {objects}; take a full now, and keep these for whoever looks into it"
)]
pub struct Difference {
    /// Where.
    pub revision: i64,
    /// What was compared.
    pub what: &'static str,
    /// By the backups.
    pub ours: String,
    /// By what they were compared with.
    pub theirs: String,
    /// Which that is.
    pub whose: String,
    /// The objects that were folded.
    pub objects: String,
}

over_backups!(Error);

impl Error {
    /// Whether the backups are shown not to be what etcd had, or not to restore; otherwise nothing was found out.
    pub fn refutes(&self) -> bool {
        match self {
            Self::Differs(_) | Self::FailedCheck(_) => true,
            Self::Backups(error) => error.is_of_content(),
            _ => false,
        }
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            Self::Etcd(error) => Hint::of_etcd(error),
            Self::KeepsNoHashes { .. } => vec![Hint::LetEtcdScan],
            _ => Vec::new(),
        }
    }
}
