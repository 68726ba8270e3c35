use std::path::PathBuf;
use std::result;

use etcd::lease::LONGEST_TTL;

use crate::backups;
use crate::hint::Hint;
use crate::history::over_backups;

/// The result of an export.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why nothing was exported. There is no file then, and one that was there before is as it was.
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
    /// There is such a file.
    #[error("{} already exists and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// What is there cannot be replaced by a file.
    #[error("{}: it is {what}, and a snapshot is a file: name one", path.display())]
    NoFile {
        /// Where.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// Who was to get it did not take all of it.
    #[error("standard output did not take the whole snapshot: {0}; what it has is no snapshot")]
    Output(#[source] std::io::Error),
    /// What was made is not what was meant. A bug or failing hardware.
    #[error(
        "what was made does not pass its check: {0}; check the disk and the memory of this machine, and report this if \
         they are sound"
    )]
    FailedCheck(String),
    /// Somebody asked to stop.
    #[error("interrupted before the snapshot was written; there is no file")]
    Interrupted,
}

over_backups!(Error);

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            Self::LeaseTtl => vec![Hint::UnknownLeaseTtl],
            Self::Exists(_) => vec![Hint::ReplaceFile],
            _ => Vec::new(),
        }
    }
}
