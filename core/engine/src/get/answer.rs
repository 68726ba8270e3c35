use etcd::revision::{Kind, Revision};
use jiff::Timestamp;

use crate::backups::branches::Taken;

/// What was found, and where.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The revision of the state that was read.
    pub revision: i64,
    /// When its last event was written, where a time was asked for.
    pub time: Option<Timestamp>,
    /// Versions of up to this revision may be missing from a history: etcd had compacted them; none where it had not.
    pub compact_revision: Option<i64>,
    /// The full it begins with; none where it begins with nothing.
    pub base: Option<String>,
    /// The deltas it is made of, in order.
    pub deltas: Vec<String>,
    /// The lineage of these objects; none where the store tells of none.
    pub branch: Option<Taken>,
    /// A state in the order of its keys; a history in that of its revisions.
    pub versions: Vec<Version>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// A key at one of its revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The key.
    pub key: Vec<u8>,
    /// Whether it was put or deleted there.
    pub kind: Kind,
    /// Where: the transaction, and the place in it.
    pub revision: Revision,
    /// The revision that the key was created at; 0 of a deletion.
    pub create_revision: i64,
    /// Puts since then; 0 of a deletion.
    pub version: i64,
    /// The lease it is attached to; 0 for none.
    pub lease: i64,
    /// Its value, where that was asked for.
    pub value: Option<Vec<u8>>,
    /// The length of its value in bytes.
    pub value_len: usize,
}
