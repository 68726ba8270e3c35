use std::fmt;

use crate::file_name;

const SUFFIX: &str = ".snap";

/// The name of a raft snapshot: term first, unlike a WAL file's. Ordered from old to new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SnapshotName {
    /// Term of the last entry in the snapshot.
    pub term: u64,
    /// Its index.
    pub index: u64,
}

impl SnapshotName {
    /// Parses a file name, or `None` when etcd would not have printed it.
    pub fn parse(name: &str) -> Option<Self> {
        let (term, index) = file_name::parse(name, SUFFIX)?;
        Some(Self { term, index })
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&file_name::format(self.term, self.index, SUFFIX))
    }
}
