use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::salvage::Salvaged;
use crate::backups::branches::Taken;
use crate::history::{Hashes, LeaseCounts};
use crate::lineage::{Beyond, Lineage};

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The full it began with; none where it began with nothing.
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
    /// The revision of the result.
    pub revision: i64,
    /// The same before it was raised (`--bump-revision`): only this can be compared with others.
    pub reached: i64,
    /// When the last event was written, where a time was asked for; without one, when the full was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_time: Option<Timestamp>,
    /// What the restored etcd answers for its compact revision; -1 for none.
    pub compact_revision: i64,
    /// What the restored etcd answers to HashKV at its revision.
    pub hash_kv: u32,
    /// The cluster version that the backup records: etcds older than it refuse to start on the
    /// result.
    pub cluster_version: Option<String>,
    /// Events applied.
    pub events: u64,
    /// Events passed over, since they were there already.
    pub repeated_events: u64,
    /// Leases.
    pub leases: LeaseCounts,
    /// Length of the database in bytes.
    pub database_bytes: u64,
    /// The directory made, and who its member is.
    pub member: Option<RestoredMember>,
    /// What the log of a damaged member added; none when nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salvaged: Option<Salvaged>,
    /// The lineage of the objects that it is made of; none where the store tells of none.
    #[serde(rename = "lineage", skip_serializing_if = "Option::is_none")]
    pub branch: Option<Taken>,
    /// Whether the member whose place was taken is of one history with the result; none when there
    /// was none, or nothing in it. Its key is `kinship`, as scripts know it.
    #[serde(rename = "kinship", skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
    /// What the member whose place was taken held beside its keys and the result does not; none when
    /// there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond: Option<Beyond>,
    /// What the member leaves out from now on; none where the state is the newest of the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// Whether what was read is known by its hashes.
    pub hashes: Hashes,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

impl Report {
    /// Whether all of the log of the old member is in the result, and so all that it held.
    pub(crate) fn has_whole_log(&self) -> bool {
        let salvaged = self.salvaged.as_ref();
        salvaged.is_some_and(|salvaged| salvaged.left_out.is_none())
    }
}

/// The member says that this state was chosen, and not the newest: an initialization then keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// How many objects of the store it leaves out.
    pub objects: usize,
    /// The file that says so, below the data directory.
    pub mark: String,
}

/// The member that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoredMember {
    /// Its data directory. As text it may not be exact: a path is any bytes, JSON is Unicode.
    #[serde(serialize_with = "shown")]
    pub data_dir: PathBuf,
    /// Its name.
    pub name: String,
    /// Its id, in hex as etcdctl shows it.
    pub member_id: String,
    /// Its cluster's id.
    pub cluster_id: String,
}

fn shown<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}
