use std::io;
use std::path::Path;

use super::decide::Refusal;
use super::messages;
use crate::error::Error as System;
use crate::hint::Hint;
use crate::{backups, restore, validate};

/// The result of an initialization.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a data directory was not made one that an etcd can start on. Then it is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It could not be judged.
    #[error(transparent)]
    Validate(validate::Error),
    /// It could not be restored.
    #[error(transparent)]
    Restore(restore::Error),
    /// Objects were passed over, and what is left leads nowhere.
    #[error(
        "no state can be restored from what the store holds: {first}{}; fetch the objects again \
         from a replica",
        messages::and_others(*others)
    )]
    NothingUsable {
        /// The first object, and what is wrong with it.
        first: String,
        /// How many others cannot be used either.
        others: usize,
    },
    /// The store is written to while it is read.
    #[error(
        "the store changes faster than it can be read: {object} is another object than the one that was \
         listed, and so were {before} before it. Run this again when nothing else writes there"
    )]
    StoreChanges {
        /// The object of the last change.
        object: String,
        /// Changes before that.
        before: usize,
    },
    /// There is something to restore, and no store to restore it from.
    #[error("there is no store to restore from")]
    NoStore,
    /// Nothing may be done here before a human has decided.
    #[error("{found} {}", messages::refused(*refusal))]
    Refused {
        /// What was found.
        found: String,
        /// Why nothing is done.
        refusal: Refusal,
        /// What can be done about it.
        hints: Vec<Hint>,
    },
    /// The writes of the log were asked for, and cannot be had.
    #[error(
        "{found} {why} Nothing is done, since salvaging the log was asked for. Without it: {otherwise}"
    )]
    NotSalvaged {
        /// What was found.
        found: String,
        /// Why they cannot be had.
        why: String,
        /// What would be done without them.
        otherwise: String,
    },
    /// What was published does not pass the validation that the next start would make. A bug or failing
    /// hardware.
    #[error(
        "the restored directory did not pass its validation, and what was there before was put back: {0}; \
         check the disk and the memory of this machine, and report this if they are sound"
    )]
    FailedCheck(String),
    /// Somebody asked to stop.
    #[error("interrupted; the data directory was left as it was")]
    Interrupted,
}

impl From<restore::Error> for Error {
    fn from(error: restore::Error) -> Self {
        match error {
            restore::Error::Interrupted => Self::Interrupted,
            other => Self::Restore(other),
        }
    }
}

impl From<validate::Error> for Error {
    fn from(error: validate::Error) -> Self {
        match error {
            validate::Error::Interrupted => Self::Interrupted,
            other => Self::Validate(other),
        }
    }
}

impl From<backups::Error> for Error {
    fn from(error: backups::Error) -> Self {
        restore::Error::from(error).into()
    }
}

impl From<System> for Error {
    fn from(error: System) -> Self {
        backups::Error::from(error).into()
    }
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let of = System::io(action, path);
        move |source| of(source).into()
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Validate(error) => error.hints(),
            Self::Restore(error) => error.hints(),
            Self::Refused { hints, .. } => hints.clone(),
            _ => Vec::new(),
        }
    }
}
