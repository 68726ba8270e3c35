//! What lies in the files of a member, for an operator: what etcd's own dump tools show, and the
//! verdict of each check. Only ever reads.

mod database;
mod kind;
mod log;
mod snapshots;

use serde::Serialize;

pub use database::{BucketView, DatabaseView, database};
pub use log::{EntryView, LogView, SegmentView, SnapshotRecordView, log};
pub use snapshots::{SnapshotView, SnapshotsView, snapshots};

/// One question asked of a file, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was asked, such as "structure".
    pub name: &'static str,
    /// How it stands.
    pub outcome: Outcome,
    /// What was found.
    pub detail: String,
}

/// How a check went. Ordered from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Fine,
    /// etcd repairs it, or passes over it, when it starts.
    Repairable,
    /// It is not what etcd wrote.
    Damaged,
}

impl Outcome {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Repairable => "repairable",
            Self::Damaged => "damaged",
        }
    }
}

impl Check {
    fn fine(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Fine,
            detail: detail.into(),
        }
    }

    fn repairable(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Repairable,
            detail: detail.into(),
        }
    }

    fn damaged(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Damaged,
            detail: detail.into(),
        }
    }
}

/// The worst of these; fine when there are none.
pub fn worst(checks: &[Check]) -> Outcome {
    let outcomes = checks.iter().map(|check| check.outcome);
    outcomes.max().unwrap_or(Outcome::Fine)
}
