//! What is under way.

use jiff::Timestamp;

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// What.
    pub kind: Kind,
    /// Since when.
    pub since: Timestamp,
    /// How far it is, in bytes; `None` where nobody counts them.
    pub bytes: Option<Bytes>,
    /// What of it is done now, where it has parts; in a word.
    pub part: Option<&'static str>,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The data directory is validated and, where that is needed, restored.
    Initialization,
    /// A full is taken.
    Full,
    /// A delta is stored.
    Delta,
    /// The backups are read, to prove that they are what etcd had.
    Proof,
    /// Backups are copied to the second store.
    Copy,
    /// Members are defragmented.
    Defragmentation,
}

/// Bytes of a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes {
    /// So many are done.
    pub done: u64,
    /// Of so many; `None` where that is not known.
    pub of: Option<u64>,
    /// Since when they are counted.
    pub since: Timestamp,
}
