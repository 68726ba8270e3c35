use jiff::Timestamp;
use serde::Serialize;

use super::check::{Check, Outcome};
use crate::hint::Hint;
use crate::restore;

/// What a drill found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What it came to.
    pub verdict: Verdict,
    /// Why it is not `passed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it began.
    pub at: Timestamp,
    /// How long the backup took to become a store that serves, in milliseconds: the restore, and the start of etcd if one was
    /// started. None where it came to nothing.
    pub rto_ms: Option<u64>,
    /// How long each part took.
    pub phases: Phases,
    /// What was restored; none where nothing was.
    pub restored: Option<restore::Report>,
    /// Keys that are live in it.
    pub keys: Option<u64>,
    /// The version of the etcd that was started; none where it was looked at without one.
    pub etcd_version: Option<String>,
    /// All that was compared.
    pub checks: Vec<Check>,
    /// What can be done.
    #[serde(skip)]
    pub hints: Vec<Hint>,
}

/// What a drill came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was restored, and nothing that could be compared differs.
    Passed,
    /// It was restored, and something differs.
    Differs,
    /// It could not be restored, or served, or asked.
    Failed,
}

/// How long each part of a drill took, in milliseconds; none for what was not come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Phases {
    /// Objects to a data directory, checked and on the disk.
    pub restore_ms: Option<u64>,
    /// What is in it was read.
    pub read_ms: Option<u64>,
    /// The live cluster was asked.
    pub live_ms: Option<u64>,
    /// etcd was started on it, until it served.
    pub start_ms: Option<u64>,
    /// It was asked.
    pub ask_ms: Option<u64>,
}

impl Report {
    pub(super) fn begun(at: Timestamp) -> Self {
        Self {
            verdict: Verdict::Failed,
            why: None,
            at,
            rto_ms: None,
            phases: Phases::default(),
            restored: None,
            keys: None,
            etcd_version: None,
            checks: Vec::new(),
            hints: Vec::new(),
        }
    }

    pub(super) fn failed(mut self, why: impl ToString, hints: Vec<Hint>) -> Self {
        self.verdict = Verdict::Failed;
        self.why = Some(why.to_string());
        self.rto_ms = None;
        self.hints = hints;
        self
    }

    /// Every part was come to: the checks say the rest.
    pub(super) fn judged(mut self) -> Self {
        let restored = self.phases.restore_ms.unwrap_or(0);
        self.rto_ms = Some(restored + self.phases.start_ms.unwrap_or(0));
        let differ = |check: &&Check| check.outcome == Outcome::Differs;
        let told: Vec<_> = self.checks.iter().filter(differ).map(Check::told).collect();
        (self.verdict, self.why) = match told.is_empty() {
            true => (Verdict::Passed, None),
            false => (Verdict::Differs, Some(told.join("; "))),
        };
        self
    }
}
