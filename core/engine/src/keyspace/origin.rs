use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::backups::branches::Taken;

/// Where a state was read.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Out of backups.
    Backup(Box<Backup>),
    /// From an etcd that runs.
    Live(Live),
}

/// The objects that a state was read from.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The revision of the state.
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
    /// The ids of all clusters that wrote to this lineage, in hexadecimal, as far as metadata names them.
    pub cluster_ids: BTreeSet<String>,
    /// The ids of the members that the full names.
    pub members: Vec<u64>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// The etcd that was asked.
#[derive(Debug, Clone)]
pub struct Live {
    /// Where.
    pub endpoint: String,
    /// The id of its cluster.
    pub cluster_id: u64,
    /// The revision of the state: all keys are read as they were at it.
    pub revision: i64,
}

impl Origin {
    /// The revision of the state.
    pub fn revision(&self) -> i64 {
        match self {
            Self::Backup(backup) => backup.revision,
            Self::Live(live) => live.revision,
        }
    }
}
