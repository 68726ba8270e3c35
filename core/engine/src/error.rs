//! Rules for errors of the engine:
//!
//! 1. A variant is what the operator does next, not which function failed.
//! 2. Each says what failed, on which object or path, and why. What to do is a [`Hint`](crate::Hint) where it
//!    is an option of the program, else the end of the sentence.
//! 3. Each verb has an error of its own, over that of `backups`, over this one: only a verb knows what it
//!    leaves when it fails or is interrupted.

use std::io;
use std::path::{Path, PathBuf};

use crate::remedy;
use crate::size::bytes;

/// The result of what needs nothing but the machine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the machine or the data directory refuse.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data directory is taken.
    #[error("{path}: {what}", path = .path.display())]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What is the matter with it and what to do.
        what: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}{remedy}", path = .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What it said.
        source: io::Error,
        /// What to do about it, as it was when it happened: an end of the sentence, or nothing.
        remedy: String,
    },
    /// The volume is too small, as is known before anything is written.
    #[error(
        "{path} has too little space: at least {} are needed and {} are free; free some space or \
         choose a data directory on a larger disk", bytes(*needed), bytes(*free),
        path = .path.display()
    )]
    Space {
        /// Where it should have been written.
        path: PathBuf,
        /// In bytes, at least.
        needed: u64,
        /// In bytes.
        free: u64,
    },
    /// The system gives this process no more threads.
    #[error(
        "cannot start a thread: {source}; the limit on processes and threads of this user \
         (RLIMIT_NPROC, `ulimit -u`) is {limit}; a container may have limits of its own (pids, \
         memory). Raise the one that is too low"
    )]
    Threads {
        /// The limits in force, for a message.
        limit: String,
        /// What it said.
        source: io::Error,
    },
    /// A thread of this program ended before its work was done. A bug.
    #[error("a thread of this program died: {0}; please report this")]
    Died(String),
    /// Somebody asked to stop. What that leaves the verb says.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            remedy: remedy::remedy(&source, &path),
            path,
            source,
        }
    }

    /// If it is for want of space: with how much was written before.
    pub(crate) fn after(mut self, written: Option<u64>) -> Self {
        if let (Self::Io { source, remedy, .. }, Some(written)) = (&mut self, written)
            && remedy::is_of_writing(source)
        {
            *remedy = format!(
                "; {} were written, and more is needed{remedy}",
                bytes(written)
            );
        }
        self
    }

    /// What it means that bytes of our own file at `path` could not be had, if that is all that is
    /// wrong; else the error is given back, and is about the bytes themselves.
    pub(crate) fn of_disk(path: &Path, error: etcd::Error) -> Result<Self, etcd::Error> {
        // What was written in the background fails where it is read.
        let io = |doing: &'static str, source: io::Error| match remedy::is_of_writing(&source) {
            true => Self::io("write", path)(source),
            false => Self::io(doing, path)(source),
        };
        match error {
            etcd::Error::Bolt(bolt::Error::Io { doing, source, .. }) => Ok(io(doing, source)),
            etcd::Error::Read { source, .. } => Ok(io("read", source)),
            other => Err(other),
        }
    }
}
