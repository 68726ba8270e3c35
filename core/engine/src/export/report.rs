use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::backups::branches::Taken;
use crate::history::{Hashes, LeaseCounts};

/// What was exported, and out of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file; none where a stream got it. As text it may not be exact: a path is any bytes, JSON is Unicode.
    #[serde(serialize_with = "shown")]
    pub file: Option<PathBuf>,
    /// Its length in bytes, the hash at its end included.
    pub bytes: u64,
    /// SHA-256 of its database, which is also its end, in hexadecimal.
    pub sha256: String,
    /// The full it begins with; none where it begins with nothing.
    pub base: Option<String>,
    /// The deltas that it is made of, in order.
    pub deltas: Vec<String>,
    /// Deltas of the plan of which nothing was used: all of it is after what was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused_deltas: Vec<String>,
    /// Bytes fetched.
    pub fetched_bytes: u64,
    /// The revision of the full, as its database says. Its name may say less.
    pub base_revision: i64,
    /// The revision of the snapshot.
    pub revision: i64,
    /// When the last event was written, where a time was asked for; without one, when the full was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_time: Option<Timestamp>,
    /// What an etcd restored from it answers for its compact revision; -1 for none.
    pub compact_revision: i64,
    /// What an etcd restored from it answers to HashKV at that revision.
    pub hash_kv: u32,
    /// Keys that are live at that revision.
    pub keys: u64,
    /// The cluster version that the backup records: etcds older than it refuse to start on it.
    pub cluster_version: Option<String>,
    /// Events applied.
    pub events: u64,
    /// Events passed over, since they were there already.
    pub repeated_events: u64,
    /// Leases.
    pub leases: LeaseCounts,
    /// The lineage of these objects; none where the store tells of none.
    #[serde(rename = "lineage", skip_serializing_if = "Option::is_none")]
    pub branch: Option<Taken>,
    /// Whether what was read is known by its hashes.
    pub hashes: Hashes,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

fn shown<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
    match path.as_deref().map(Path::display) {
        Some(path) => to.collect_str(&path),
        None => to.serialize_none(),
    }
}
