use std::result;

use jiff::Timestamp;
use snapstore::Key;

use crate::backups::metadata::{MetadataError, ReadError};
use crate::backups::{self, storing};
use crate::hint::Hint;
use crate::history::over_backups;

/// The result of an import.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing was imported. Unless it says otherwise, the store is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or is not whole, or the backups cannot be read.
    #[error(transparent)]
    Backups(backups::Error),
    /// The backups that are there are encrypted, and nobody was named for whom this is.
    #[error(
        "nothing was imported: {encrypted} is encrypted, and the file would stand beside it for all to read"
    )]
    WouldBePlain {
        /// One of them.
        encrypted: Key,
    },
    /// Another full has its name.
    #[error(
        "nothing was imported: {0} is there already, and is not known to hold the same; it stays as it is"
    )]
    Exists(Key),
    /// The full that had the same is not what it was.
    #[error(
        "nothing was imported: {0} held the same database, and is damaged now: it is not what was stored; remove it, and import \
         the file again"
    )]
    Damaged(Key),
    /// It would be taken for the newest state.
    #[error(
        "nothing was imported: as a full of revision {revision}, taken at {time}, it would be the newest state of the store, \
         which is that of lineage {lineage} up to revision {end} now"
    )]
    WouldBeNewest {
        /// The revision of the file.
        revision: i64,
        /// When it was taken, as far as known.
        time: Timestamp,
        /// The newest lineage.
        lineage: String,
        /// Its last revision.
        end: i64,
    },
    /// A time that no name holds.
    #[error("nothing was imported: {0} is before 1970, and no backup is from then")]
    Time(Timestamp),
    /// A time that is yet to come.
    #[error(
        "nothing was imported: {time} is in the future (it is {now}), and backups that are taken before it would not be the newest"
    )]
    Future {
        /// The time.
        time: Timestamp,
        /// What time it is.
        now: Timestamp,
    },
    /// The full could not be made, sent or shown to be in the store.
    #[error(transparent)]
    Storing(storing::Error),
    /// What the store had of it was not what was sent, so it was removed again.
    #[error("{key} is not what was sent: {why}; it was removed again")]
    Spoilt {
        /// The object.
        key: Key,
        /// What was found.
        why: String,
    },
    /// The metadata of the full cannot be written. The full did not appear.
    #[error("nothing was imported: the metadata of the full: {0}")]
    Metadata(#[from] ReadError),
    /// The same of a document that would be refused when it is read.
    #[error("nothing was imported: the metadata of the full: {0}")]
    Document(#[from] MetadataError),
    /// What was made is not what was meant. A bug or failing hardware.
    #[error(
        "what was read does not pass its check: {0}; check the disk and the memory of this machine, and report this if \
         they are sound"
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
            Self::Backups(backups::Error::OfFile(error)) => {
                return match **error {
                    backups::Error::WrongHash { .. } => vec![Hint::AnotherCopy, Hint::WithoutHash],
                    _ => vec![Hint::AnotherCopy],
                };
            }
            Self::Backups(error) => return error.hints(),
            Self::WouldBePlain { .. } => return vec![Hint::NameRecipients],
            Self::Exists(_) | Self::Future { .. } => return vec![Hint::TimeOfSnapshot],
            Self::WouldBeNewest { .. } => {
                return vec![Hint::TimeOfSnapshot, Hint::ImportAsNewest];
            }
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
