use std::fmt;

use crate::Malformed;

/// Which revision a member is at, once it has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// This one: every committed entry was applied as etcd applies it.
    Exact(i64),
    /// One of these, both included. Never taken for a revision: who must choose keeps the
    /// directory.
    Between {
        /// Certainly reached.
        lower: i64,
        /// Certainly not passed.
        upper: i64,
        /// Why it is not known better.
        stopped: Stopped,
    },
    /// Database and log are not of one history, so neither says anything about the other.
    Unreadable(Unreadable),
}

/// The entry that could not be applied with certainty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Its index.
    pub index: u64,
    /// What it asks for, such as "put" or "lease revoke".
    pub kind: &'static str,
    /// Why that is not certain.
    pub reason: Reason,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} ({}): {}", self.index, self.kind, self.reason)
    }
}

/// Why the effect of an entry is not certain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It is in the log of one member of several, and nothing says that the others have it.
    #[error("it may not be committed: the log proves entries up to {commit} only")]
    Uncommitted {
        /// The last proven one.
        commit: u64,
    },
    /// Only the cheap question was asked, which counts entries and applies none.
    #[error("it was counted and not applied")]
    NotApplied,
    /// A request that this program does not know.
    #[error("this program does not know the request (field {field})")]
    UnknownRequest {
        /// Its number in InternalRaftRequest.
        field: u64,
    },
    /// Bytes that are no request.
    #[error("{0}")]
    Malformed(Malformed),
    /// A conf change of the joint kind, which etcd does not write.
    #[error("etcd does not apply changes of membership of this kind")]
    JointChange,
    /// etcds apply it differently.
    #[error("versions of etcd differ: {0}")]
    VersionsDiffer(&'static str),
    /// Every etcd dies of it, at this start and at the next.
    #[error("etcd would panic: {0}")]
    Panics(&'static str),
    /// The keys that it touches do not fit in the memory allowed.
    #[error("the keys that the log changes do not fit in {limit} bytes")]
    TooManyKeys {
        /// In bytes.
        limit: usize,
    },
}

/// Why a database and a log do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// The log begins after the database. etcd looks for the database that came with the
    /// snapshot, and does not start without it.
    #[error(
        "the database is at entry {consistent_index} and the log begins after entry {start}: \
         the entries between are lost"
    )]
    LogBeginsLater {
        /// Of the database.
        consistent_index: u64,
        /// Index of the snapshot that the log is continued from.
        start: u64,
    },
    /// As [`LogBeginsLater`](Self::LogBeginsLater), but the files of the log hold the entries between: it
    /// is a snapshot that keeps etcd from beginning with them.
    #[error(
        "the database is at entry {consistent_index}, and etcd goes on after entry {start}, where the \
         newest snapshot is: it does not start without the database of that. The entries between are in \
         the log"
    )]
    SnapshotIsNewer {
        /// Of the database.
        consistent_index: u64,
        /// Index of the snapshot that the log is continued from.
        start: u64,
    },
    /// The database is from a restore, and the log is not: etcd would apply to it what it holds.
    #[error(
        "the database has applied nothing after entry {consistent_index} and is at revision \
         {revision}, which no entry of the log up to there can have made: it was put over a log that \
         goes on from another, and etcd would apply the log to it once more"
    )]
    NotOfThisLog {
        /// Of the database.
        consistent_index: u64,
        /// Of the database.
        revision: i64,
    },
    /// The database holds what entries asked for that it says it has not applied.
    #[error(
        "the database has applied entry {consistent_index}, as it says, and its last revisions are \
         what the entries up to {held} asked for: etcd would apply them to it once more"
    )]
    AppliedAlready {
        /// Of the database.
        consistent_index: u64,
        /// The entry of its last revision.
        held: u64,
    },
    /// The database holds another revision than the entry before it asked for.
    #[error(
        "entry {index} of the log wrote something, and it is not what the database holds at revision \
         {revision}, nor at any near it: they are of two histories"
    )]
    OtherWrites {
        /// Of the entry.
        index: u64,
        /// The newest revision that it may have made.
        revision: i64,
    },
    /// The database has applied what the log never held. etcd would skip as many entries to come.
    #[error(
        "the database has applied entry {consistent_index} and the log ends with entry {last}: \
         the end of the log is lost, or they are of two histories"
    )]
    LogEndsEarlier {
        /// Of the database.
        consistent_index: u64,
        /// Index of the last entry.
        last: u64,
    },
    /// The log was proven further than it goes. etcd dies of it when it starts.
    #[error("the log says that entry {commit} is committed, and ends with entry {last}")]
    CommitPastEnd {
        /// Of the last hard state.
        commit: u64,
        /// Index of the last entry.
        last: u64,
    },
    /// The log has another entry where the database stands.
    #[error(
        "the database applied entry {index} in term {applied}, and in the log it has term \
         {logged}: they are of two histories"
    )]
    OtherTerm {
        /// Where the database stands.
        index: u64,
        /// Recorded in the database.
        applied: u64,
        /// In the log.
        logged: u64,
    },
}
