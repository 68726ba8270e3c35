use jiff::Timestamp;
use snapstore::Key;

use crate::backups::SnapshotName;

/// A snapshot, as retention sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What its name says.
    pub name: SnapshotName,
    /// Where it is.
    pub key: Key,
    /// Its length in the store, in bytes.
    pub bytes: u64,
    /// When the store says it was written.
    pub written: Option<Timestamp>,
    /// The store refuses to delete it before this time.
    pub immutable_until: Option<Timestamp>,
    /// To which history it belongs.
    pub origin: Origin,
    /// It was proven to restore to what etcd had.
    pub proven: bool,
    /// Somebody has marked it: it must stay.
    pub keep: bool,
}

/// To which history a snapshot belongs, as its metadata says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// It has no metadata, or its metadata does not say.
    Unknown,
    /// It has metadata that cannot be read.
    Unreadable,
    /// It says.
    Known {
        /// The id of the cluster, if it says it.
        cluster: Option<String>,
        /// The id of the lineage.
        lineage: String,
    },
}

impl Item {
    /// When it was begun, in seconds since 1970 UTC, as its name says.
    pub(super) fn created(&self) -> i64 {
        self.name.created
    }

    /// The latest moment at which it may have been written: two clocks tell, and neither is trusted alone.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        self.name.created_at().max(self.written)
    }
}
