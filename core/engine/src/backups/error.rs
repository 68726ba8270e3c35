use std::io;
use std::path::Path;

use snapstore::Key;

use super::branches::ChoiceError;
use super::empty_store::EmptyStore;
use super::metadata::ReadError;
use super::name::{Kind, SnapshotName};
use super::plan::PlanError;
use crate::encryption::Locked;
use crate::error::Error as System;
use crate::hint::Hint;

/// The result of what reads backups.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why backups cannot be read, or do not make a state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The machine or the data directory refuse.
    #[error(transparent)]
    System(#[from] System),
    /// The store does not hold what was asked for.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It is not known which lineage is meant, or it does not hold what was asked for.
    #[error(transparent)]
    Lineage(#[from] ChoiceError),
    /// Which snapshot belongs to which lineage cannot be found out: without it two histories would be mixed.
    #[error(
        "cannot read the metadata of the backups in {location}, which says to which lineage each belongs: {source}; \
         the objects below meta/ must be listed and read as those below v2/ are"
    )]
    Metadata {
        /// Where they are.
        location: String,
        /// What the store said.
        source: ReadError,
    },
    /// The store holds no snapshot at all.
    #[error("there is no snapshot; check the container and the prefix. {0}")]
    EmptyStore(EmptyStore),
    /// The store did not answer, or refused.
    #[error("cannot read the backups in {location}: {source}")]
    Store {
        /// Where they are.
        location: String,
        /// What it said.
        source: snapstore::Error,
    },
    /// The same of one file, which is no store.
    #[error(transparent)]
    OfFile(Box<Error>),
    /// An object is not what was written.
    #[error("{object}: {what}")]
    Damaged {
        /// Which object.
        object: Key,
        /// What is wrong, and where in it.
        what: String,
    },
    /// The hash of an object is not that of its content, or is missing.
    #[error("{object}: {what}")]
    WrongHash {
        /// Which object.
        object: Key,
        /// What is wrong.
        what: String,
    },
    /// An object is whole by itself, and is not what was stored under its name.
    #[error("{object} is not what was stored: {what}")]
    NotAsNoted {
        /// Which object.
        object: Key,
        /// What differs from what was noted.
        what: String,
    },
    /// An object is encrypted, and its key does not open.
    #[error("cannot decrypt {object}: {why}")]
    Locked {
        /// Which object.
        object: Key,
        /// Why.
        why: Locked,
    },
    /// Revisions are missing although the names promised them.
    #[error(
        "revisions {} to {} are missing: what was restored so far ends at revision {after} and \
         {object} begins at {before}",
        after + 1, before - 1
    )]
    Gap {
        /// The last revision before the gap.
        after: i64,
        /// The first revision after it.
        before: i64,
        /// The object after it.
        object: Key,
    },
    /// Two objects tell different stories of one revision.
    #[error(
        "{object} and {other} hold different events for revision {revision}: the store mixes two \
         histories (two clusters, or one before and after a restore)"
    )]
    Diverged {
        /// The object read later.
        object: Key,
        /// The object read before.
        other: Key,
        /// The first revision that differs.
        revision: i64,
    },
    /// The chain leads past the revision or time asked for, and no older full can be used.
    #[error(
        "{object} already holds revision {revision}, which is past what was asked for, although \
         its name says {named}; no older full snapshot leads there"
    )]
    Ahead {
        /// The full.
        object: Key,
        /// Its real revision.
        revision: i64,
        /// The revision in its name.
        named: i64,
    },
    /// What the objects hold ends before what was asked for.
    #[error("{0}")]
    Unreachable(String),
    /// The database that was made of the objects is not what they say. A bug or failing hardware.
    #[error("the database made of the backups is not what they say: {0}")]
    Inconsistent(String),
}

impl Error {
    pub(crate) fn damaged(object: &Key, what: impl ToString) -> Self {
        Self::Damaged {
            object: object.clone(),
            what: what.to_string(),
        }
    }

    pub(crate) fn wrong_hash(object: &Key, what: impl ToString) -> Self {
        Self::WrongHash {
            object: object.clone(),
            what: what.to_string(),
        }
    }

    pub(crate) fn locked(object: &Key, why: Locked) -> Self {
        Self::Locked {
            object: object.clone(),
            why,
        }
    }

    pub(crate) fn not_as_noted(object: &Key, what: impl ToString) -> Self {
        Self::NotAsNoted {
            object: object.clone(),
            what: what.to_string(),
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let of = System::io(action, path);
        move |source| of(source).into()
    }

    /// What it means that our own file at `path` cannot be read: the disk, or else what was written there.
    pub(crate) fn of_file(path: &Path, error: etcd::Error) -> Self {
        match System::of_disk(path, error) {
            Ok(disk) => disk.into(),
            Err(error) => Self::Inconsistent(error.to_string()),
        }
    }

    /// Whether it is the objects that make no state: who asks again is told the same.
    pub fn is_of_content(&self) -> bool {
        match self {
            Self::Damaged { .. }
            | Self::WrongHash { .. }
            | Self::NotAsNoted { .. }
            | Self::Gap { .. }
            | Self::Diverged { .. }
            | Self::Plan(PlanError::Gap(_)) => true,
            Self::Locked { why, .. } => why.is_for_nobody(),
            _ => false,
        }
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Plan(error) => error.hints(),
            Self::Lineage(error) => error.hints(),
            Self::EmptyStore(found) => found.hints(),
            Self::OfFile(error) => error.hints_of_file(),
            Self::WrongHash { object, .. } => vec![earlier(object), Hint::SkipHashCheck],
            Self::Damaged { object, .. } => vec![earlier(object)],
            Self::NotAsNoted { object, .. } => {
                let name = object.file_name().to_owned();
                vec![earlier(object), Hint::TakeAsItIs(name)]
            }
            Self::Locked { why, .. } if why.is_for_others() => vec![Hint::NameIdentity],
            Self::Gap { after, .. } => vec![Hint::RestoreUpTo(*after)],
            Self::Diverged { revision, .. } => vec![Hint::ChooseHistory(revision - 1)],
            _ => Vec::new(),
        }
    }

    /// There is no other state in a file.
    fn hints_of_file(&self) -> Vec<Hint> {
        match self {
            Self::WrongHash { .. } => vec![Hint::AnotherCopy, Hint::SkipHashCheck],
            Self::Damaged { .. } => vec![Hint::AnotherCopy],
            other => other.hints(),
        }
    }
}

/// What leads to a delta is a state; which one leads to a full, its name does not tell.
fn earlier(object: &Key) -> Hint {
    let name = SnapshotName::parse(object.file_name()).ok();
    let delta = name.filter(|name| name.kind == Kind::Delta && name.first > 1);
    Hint::RestoreEarlier(delta.map(|delta| delta.first - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A full that holds more than was asked for was said to be "behind" it.
    #[test]
    fn a_full_ahead_of_its_name_is_past_the_target() {
        let told = Error::Ahead {
            object: Key::new("v2/Full-00000000-00000010-1").unwrap(),
            revision: 12,
            named: 10,
        };
        let told = told.to_string();
        assert!(told.contains("revision 12, which is past what"), "{told}");
        assert!(!told.contains("behind"), "{told}");
    }
}
