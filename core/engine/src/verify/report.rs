use jiff::Timestamp;
use serde::Serialize;

use crate::backups::branches::Taken;
use crate::history::{Hashes, LeaseCounts};

/// What a verification found: what a restored etcd would answer, and what that takes.
///
/// Written out it has the keys that a restore has, so that one reader takes both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
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
    /// The revision that can be restored.
    pub revision: i64,
    /// The same: a verification raises no revision.
    pub reached: i64,
    /// When the last event was written, where a time was asked for; without one, when the full was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_time: Option<Timestamp>,
    /// What a restored etcd would answer for its compact revision; -1 for none.
    pub compact_revision: i64,
    /// What a restored etcd would answer to HashKV at its revision.
    pub hash_kv: u32,
    /// The cluster version that the backup records: etcds older than it refuse to start on what it restores.
    pub cluster_version: Option<String>,
    /// Events that fit on each other.
    pub events: u64,
    /// Events passed over, since they were there already.
    pub repeated_events: u64,
    /// Leases.
    pub leases: LeaseCounts,
    /// Length of the database of the full in bytes.
    pub database_bytes: u64,
    /// The lineage of these objects; none where the store tells of none.
    #[serde(rename = "lineage", skip_serializing_if = "Option::is_none")]
    pub branch: Option<Taken>,
    /// No member is made: always null.
    pub member: (),
    /// Whether what was read is known by its hashes.
    pub hashes: Hashes,
    /// What the operator should know.
    pub warnings: Vec<String>,
}
