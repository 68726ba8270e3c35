use serde::Serialize;

use crate::backups::branches::Taken;
use crate::history::LeaseCounts;

/// What a compaction came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// There is a new full.
    Compacted(Box<Report>),
    /// There was nothing to do: no delta follows on the newest full.
    Head(Head),
}

/// A full that nothing follows on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Always false.
    pub compacted: bool,
    /// The full.
    pub snapshot: String,
    /// The revision of its name.
    pub revision: i64,
    /// Its lineage; none where the store tells of none.
    #[serde(rename = "lineage", skip_serializing_if = "Option::is_none")]
    pub branch: Option<Taken>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// What was made of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always true.
    pub compacted: bool,
    /// The new full.
    pub snapshot: String,
    /// Bytes of the object.
    pub stored_bytes: u64,
    /// SHA-256 of the object, in hexadecimal.
    pub stored_sha256: String,
    /// Bytes of its database.
    pub database_bytes: u64,
    /// What has shown that it is there: `size`, or `read_back`.
    pub shown_by: &'static str,
    /// The full that it was made of.
    pub base: String,
    /// The deltas that it was made of, in order.
    pub deltas: Vec<String>,
    /// Bytes fetched.
    pub fetched_bytes: u64,
    /// The revision of the full that it was made of, as its database says.
    pub base_revision: i64,
    /// The revision of the new full, at which it is compacted.
    pub revision: i64,
    /// What an etcd restored from it answers to HashKV at that revision.
    pub hash_kv: u32,
    /// Entries of its key bucket: live keys, and those deleted at just that revision.
    pub entries: u64,
    /// The cluster version that the backup records: etcds older than it refuse to start on it.
    pub cluster_version: Option<String>,
    /// Events applied.
    pub events: u64,
    /// Events passed over, since they were there already.
    pub repeated_events: u64,
    /// Leases.
    pub leases: LeaseCounts,
    /// Its lineage; none where the store tells of none.
    #[serde(rename = "lineage", skip_serializing_if = "Option::is_none")]
    pub branch: Option<Taken>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}
