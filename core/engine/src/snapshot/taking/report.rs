use serde::Serialize;

/// What a run has done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The lineage of the snapshots.
    pub lineage: Option<String>,
    /// The last full that was taken.
    pub full: Option<Taken>,
    /// The last delta that was taken.
    pub delta: Option<Taken>,
    /// How many fulls were taken.
    pub fulls: u64,
    /// How many deltas.
    pub deltas: u64,
    /// The revision that the store reaches without a gap; `None` when nothing leads anywhere.
    pub reaches: Option<i64>,
    /// What was held and is not stored, if anything was.
    pub dropped: Option<Dropped>,
}

/// A snapshot that is in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Its key.
    pub key: String,
    /// The revision of its name, up to which deltas go on.
    pub revision: i64,
    /// What a full really holds, where its pages tell.
    pub holds: Option<i64>,
    /// Bytes of the object.
    pub bytes: u64,
    /// Bytes of the content.
    pub raw_bytes: u64,
    /// How many events are in a delta.
    pub events: Option<u64>,
}

/// Revisions that were read and are in no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}
