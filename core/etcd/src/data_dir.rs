//! Where everything lies under a data directory, and with which modes.

use std::path::PathBuf;

use crate::raft_snapshot::SnapshotName;
use crate::wal::SegmentName;

/// Everything a member keeps. etcd takes a data directory without it for a new member's.
pub const MEMBER: &str = "member";
/// Directory of the database and the raft snapshots.
pub const SNAP: &str = "member/snap";
/// The database.
pub const DB: &str = "member/snap/db";
/// Directory of the write-ahead log.
pub const WAL: &str = "member/wal";

/// Mode of every directory; etcd warns about anything looser.
pub const DIR_MODE: u32 = 0o700;
/// Mode of every file. etcd itself leaves `.snap` files readable for all, for no reason.
pub const FILE_MODE: u32 = 0o600;

/// Path of a raft snapshot, relative to the data directory.
pub fn snapshot(name: SnapshotName) -> PathBuf {
    PathBuf::from(SNAP).join(name.to_string())
}

/// Path of a file of the write-ahead log, relative to the data directory.
pub fn segment(name: SegmentName) -> PathBuf {
    PathBuf::from(WAL).join(name.to_string())
}
