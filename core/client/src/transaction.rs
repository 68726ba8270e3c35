//! What is read of many keys, and written to them.

use bytes::Bytes;

/// Keys in the order of their bytes, as etcd names a range of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The first one; never empty.
    pub first: Bytes,
    /// The first one after them. Empty: `first` alone; one zero byte: all from `first` on.
    pub end: Bytes,
}

/// What is written to a key if the key is still as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The key.
    pub key: Bytes,
    /// The revision that last wrote it, as it was seen; 0 of one that did not exist.
    pub seen: i64,
    /// What is done to it.
    pub change: KeyChange,
}

/// What is done to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyChange {
    /// It gets this value, and hangs on no lease.
    Put(Bytes),
    /// It is deleted.
    Delete,
}
