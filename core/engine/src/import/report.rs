use jiff::Timestamp;
use serde::Serialize;

use crate::history::Hashes;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is a full of the store now.
    Imported,
    /// A full of the store holds the same database, by its metadata.
    WasThere,
    /// It would be a full of the store, which nothing was written to.
    WouldBeImported,
}

/// What was imported, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What became of it.
    pub outcome: Outcome,
    /// The full: its key in the store.
    pub snapshot: String,
    /// The file, by its name.
    pub file: String,
    /// When it was taken, as the name of the full says.
    pub time: Timestamp,
    /// The revision of its last change.
    pub revision: i64,
    /// The revision up to which it is compacted; -1 for none.
    pub compact_revision: i64,
    /// What an etcd restored from it answers to HashKV.
    pub hash_kv: u32,
    /// Keys that are live.
    pub keys: u64,
    /// Bytes of its database.
    pub database_bytes: u64,
    /// SHA-256 of its database, in hexadecimal.
    pub sha256: String,
    /// Bytes of the object; none where nothing was stored.
    pub stored_bytes: Option<u64>,
    /// The members of the cluster that it is of, by name, or by id where one has none yet.
    pub members: Vec<String>,
    /// The cluster version that it records: etcds older than it refuse to start on it.
    pub cluster_version: Option<String>,
    /// Whether what was read is known by its hash.
    pub hashes: Hashes,
    /// What the operator should know.
    pub warnings: Vec<String>,
}
