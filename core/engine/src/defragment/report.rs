use std::time::Duration;

use serde::Serialize;

use super::plan::Role;

/// What a defragmentation did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing was done on purpose.
    pub dry_run: bool,
    /// Every member, in the order in which it was its turn.
    pub members: Vec<Line>,
    /// The member that leads since, where the leadership was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leadership_moved_to: Option<String>,
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its name.
    pub member: String,
    /// Its id, as etcdctl writes it.
    pub id: String,
    /// Where it was asked.
    #[serde(skip)]
    pub endpoint: String,
    /// How long it was blocked, where it was defragmented.
    #[serde(skip)]
    pub took: Option<Duration>,
    /// What it was before.
    pub role: Role,
    /// Bytes of its file before.
    pub size_before: u64,
    /// Of them, those that were in use.
    pub in_use_before: u64,
    /// Bytes of its file afterwards, where it was defragmented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_after: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its file was written anew.
    Defragmented,
    /// It would be.
    WouldDefragment,
    /// There is too little to gain.
    LittleToGain,
}

impl Report {
    /// Whether a member was defragmented.
    pub fn was_anything_done(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|line| line.outcome == Outcome::Defragmented)
    }
}
