use serde::Serialize;

use crate::backups::branches::Taken;

/// What became of the deltas of closed chains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Levels {
    /// Whether nothing was to be done but to say what would be.
    pub dry_run: bool,
    /// Each merged delta.
    pub groups: Vec<Group>,
    /// How many deltas were deleted.
    pub deleted: usize,
    /// How many the store could not delete.
    pub failed: usize,
    /// The lineage.
    #[serde(rename = "lineage", skip_serializing_if = "Option::is_none")]
    pub branch: Option<Taken>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// Deltas that are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its first revision.
    pub first_revision: i64,
    /// Its last revision.
    pub last_revision: i64,
    /// The merged delta; none where it would be written.
    pub snapshot: Option<String>,
    /// Its bytes in the store; none where it would be written.
    pub stored_bytes: Option<u64>,
    /// Its parts.
    pub parts: Vec<String>,
    /// Their bytes in the store, all together.
    pub part_bytes: u64,
    /// What became of them.
    pub outcome: Outcome,
}

/// What became of the deltas that are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They would be merged.
    WouldMerge,
    /// The merged one was there from a run before, and they would be deleted.
    WouldDelete,
    /// They are merged, and deleted as far as the store lets it.
    Merged,
}
