use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// How a kind of snapshot is called on the wire and in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// A copy of the database.
    Full,
    /// The events of a range of revisions.
    #[serde(rename = "Incr")]
    Delta,
}

/// Whether a full is the last one of its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// More will follow.
    Ordinary,
    /// It is marked as the last one (`.final`): the cluster moves elsewhere.
    Final,
}

/// What somebody wants to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A full.
    Full(Ending),
    /// The events since the newest snapshot.
    Delta,
}

/// A state of etcd, as far as a full holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The newest revision.
    pub revision: i64,
    /// What no event carries (users, members, the version of what is stored): a text that is the same only as long as
    /// nothing of it changes. Empty where it is not known; such positions are never taken for the same.
    pub beside: String,
}

impl Position {
    /// Whether a snapshot that leads to this position holds all that was there at `asked`.
    pub fn covers(&self, asked: &Self) -> bool {
        let is_same = !self.beside.is_empty() && self.beside == asked.beside;
        is_same && self.revision >= asked.revision
    }
}

/// A snapshot in the store, as the reference describes it in JSON (its `brtypes.Snapshot`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TakenSnapshot {
    /// When it was begun, as its name says.
    pub created_on: Timestamp,
    /// Until when the store forbids to delete it; Go's zero time where it does not. The reference spells it so.
    #[serde(rename = "immutabilityExpriyTime", serialize_with = "go_time")]
    pub immutability_expiry_time: Option<Timestamp>,
    /// The version of the object, where the store has versions.
    #[serde(rename = "versionID")]
    pub version_id: Option<String>,
    /// Full or delta.
    pub kind: Kind,
    /// The directory of the first layout (`Backup-<seconds>`); empty in the second.
    pub snap_dir: String,
    /// The name of the object.
    pub snap_name: String,
    /// What its key begins with; empty for one that was just taken.
    pub prefix: String,
    /// `.gz` and so on; empty where it is not compressed.
    pub compression_suffix: String,
    /// The first revision that it holds; 0 for a full.
    pub start_revision: i64,
    /// The last revision that it holds.
    pub last_revision: i64,
    /// Whether it is a piece of an object.
    pub is_chunk: bool,
    /// Whether it is marked as the last one of its cluster.
    pub is_final: bool,
}

/// Go's zero time is a time like others in its JSON.
fn go_time<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => time.serialize(to),
        None => to.serialize_str("0001-01-01T00:00:00Z"),
    }
}

/// What came of a request for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The snapshot; `None` where there was nothing to take.
    pub snapshot: Option<TakenSnapshot>,
    /// All that etcd had at this position is in the store now: what was read before the snapshot was begun, not
    /// after it.
    pub holds: Position,
}

/// The newest chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Latest {
    /// The newest full.
    pub full_snapshot: Option<TakenSnapshot>,
    /// The deltas since, oldest first; `None` where no delta was taken yet.
    pub delta_snapshots: Option<Vec<TakenSnapshot>>,
}

/// Takes snapshots. Asked only while this sidecar leads.
#[async_trait]
pub trait Snapshots: Send + Sync + 'static {
    /// Where etcd stands now, as most of its members agree.
    ///
    /// Errors: one sentence for people.
    async fn position(&self) -> Result<Position, String>;

    /// Takes what is wanted, and returns when it is in the store. It has a deadline of its own, and ends by an error
    /// when the snapshotter stops. Nobody drops it half way.
    ///
    /// Errors: one sentence for people, without secrets.
    async fn take(&self, wanted: Wanted) -> Result<Taken, String>;

    /// The newest chain, as far as it was taken or found in the store.
    ///
    /// Errors: one sentence for people.
    async fn latest(&self) -> Result<Latest, String>;
}
