use etcd::revision::{Kind, Revision};

use crate::keyspace::Backup;

/// What was found, and where.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where.
    pub backup: Backup,
    /// A state in the order of its keys; a history in that of its revisions.
    pub versions: Vec<Version>,
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
