//! Rules for errors of the engine:
//!
//! 1. A variant is what the operator does next, not which function failed.
//! 2. Each says what failed, on which object or path, and what to do about it.
//! 3. Nothing was published when an error is returned; the message need not say so each time.

use std::io;
use std::path::{Path, PathBuf};

use snapstore::Key;

use crate::backups::{EmptyStore, PlanError};
use crate::machine;
use crate::size::bytes;

/// The result of every verb of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store does not hold what was asked for.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The store holds no snapshot at all.
    #[error("there is no snapshot to restore; check the container and the prefix. {0}")]
    EmptyStore(EmptyStore),
    /// The store did not answer, or refused.
    #[error("cannot read the backups in {location}: {source}")]
    Store {
        /// Where they are.
        location: String,
        /// What it said.
        source: snapstore::Error,
    },
    /// Objects were passed over, and what is left leads nowhere.
    #[error(
        "no state can be restored from what the store holds: {first}{}; fetch the objects again \
         from a replica",
        and_others(*others)
    )]
    NothingUsable {
        /// The first object, and what is wrong with it.
        first: String,
        /// How many others cannot be used either.
        others: usize,
    },
    /// An object is not what was written.
    #[error(
        "{object}: {what}; restore a state before it (--to-revision, or --snapshot with an older \
         name; `etcdbrctl list` shows them), or fetch the object again from a replica"
    )]
    Damaged {
        /// Which object.
        object: Key,
        /// What is wrong, and where in it.
        what: String,
    },
    /// Revisions are missing although the names promised them.
    #[error(
        "revisions {} to {} are missing: what was restored so far ends at revision {after} and \
         {object} begins at {before}; use --to-revision {after}, or find the missing object",
        after + 1, before - 1
    )]
    Gap {
        /// The last revision before the gap.
        after: i64,
        /// The first revision behind it.
        before: i64,
        /// The object behind it.
        object: Key,
    },
    /// Two objects tell different stories of one revision.
    #[error(
        "{object} and {other} hold different events for revision {revision}: the store mixes two \
         histories (two clusters, or one before and after a restore); choose one with --snapshot \
         or --to-revision {}",
        revision - 1
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
        "{object} already holds revision {revision}, which is behind what was asked for, although \
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
    /// The options of the restore contradict each other.
    #[error("{0}")]
    Options(String),
    /// The members that were named do not make a cluster.
    #[error(transparent)]
    Cluster(#[from] etcd::membership::Mistake),
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
    /// The member that should have been replaced is whole, and not behind what can be restored.
    #[error(
        "what can be restored ends at revision {restored}, and the data directory is whole at \
         revision {whole_at}: it was left as it is"
    )]
    NotNewer {
        /// The revision that was restored, and not published.
        restored: i64,
        /// The revision of the member.
        whole_at: i64,
    },
    /// The member that should have been replaced is whole, and of another history.
    #[error(
        "the backups are of another history than {path}: at revision {revision} they differ, so it \
         was left as it is; check the name of the container and the prefix of the store. If the \
         backups are the right ones, move the directory away", path = .path.display()
    )]
    OtherHistory {
        /// The data directory.
        path: PathBuf,
        /// The newest revision that differs.
        revision: i64,
    },
    /// The member that should have been replaced is damaged, and what is left of it of another cluster.
    #[error(
        "the backups are those of another cluster than {path}, as far as it can be read: nothing in \
         them is alike, up to revision {revision}. It was left as it is: check the name of the container \
         and the prefix of the store. If the backups are the right ones, move the directory away, or \
         restore with --allow-other-cluster, which keeps it aside", path = .path.display()
    )]
    OtherCluster {
        /// The data directory.
        path: PathBuf,
        /// The newest revision that differs.
        revision: i64,
    },
    /// The member that should have been replaced is whole, and nothing proves that it is of one
    /// history with the backups.
    #[error(
        "nothing proves that the backups go on where {path} stands, whole at revision {whole_at}: \
         what it wrote last is compacted away in them, or its log cannot be replayed with certainty \
         (then --etcd-version, the etcd that will start here, may help). It was left as it is. If \
         the container and the prefix of the store are the right ones, and etcd shall not start on \
         it as it is, move it away and run this again", path = .path.display()
    )]
    UnknownHistory {
        /// The data directory.
        path: PathBuf,
        /// The revision of the member.
        whole_at: i64,
    },
    /// The member that should have been replaced checks users, and what would take its place does not.
    #[error(
        "authentication is on in {path}, and would be off in what can be restored, so that everybody \
         could read and write everything: it was left as it is. {beyond} --salvage-wal may bring users and \
         roles out of its log; --allow-authentication-off restores without them", path = .path.display()
    )]
    AuthenticationOff {
        /// The data directory.
        path: PathBuf,
        /// What would be missing.
        beyond: String,
    },
    /// What the log of a damaged member holds is not certain to go on where the backups end.
    #[error("the log of the old member cannot be salvaged: {0}")]
    NotSalvaged(#[from] etcd::replay::Refused),
    /// Nothing may be done here before a human has decided.
    #[error("{0}")]
    Refused(String),
    /// What was written is not what was meant. A bug or failing hardware.
    #[error(
        "the restored database did not pass its check, so it was not published: {0}; check the \
         disk and the memory of this machine, and report this if they are sound"
    )]
    SelfCheck(String),
    /// Somebody asked to stop.
    #[error("interrupted; nothing was published and the files written so far were removed")]
    Interrupted,
}

fn and_others(others: usize) -> String {
    match others {
        0 => String::new(),
        _ => format!(" (and {others} more objects)"),
    }
}

impl Error {
    pub(crate) fn damaged(object: &Key, what: impl ToString) -> Self {
        Self::Damaged {
            object: object.clone(),
            what: what.to_string(),
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            remedy: machine::remedy(&source, &path),
            path,
            source,
        }
    }

    /// If it is for want of space: with how much was written before.
    pub(crate) fn after(mut self, written: Option<u64>) -> Self {
        if let (Self::Io { source, remedy, .. }, Some(written)) = (&mut self, written)
            && machine::is_of_writing(source)
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
        let io = |doing: &'static str, source: io::Error| match machine::is_of_writing(&source) {
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
