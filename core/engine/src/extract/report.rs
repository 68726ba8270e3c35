use client::Write;
use serde::Serialize;

use crate::keyspace::{Difference, Origin};

/// A key that is not as in the backup, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// From the backup to the etcd: a key that was removed is gone, one that was added is extra.
    pub difference: Difference,
    /// What is to be written; none where it is left as it is.
    pub write: Option<Write>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It would be written.
    Planned,
    /// It is left as it is.
    Left,
    /// It was written, at this revision, and read again; that the reading failed is an error of the whole.
    Written(i64),
    /// Somebody wrote it after it was looked at: this revision, 0 for a deletion. It is left as it is.
    WrittenMeanwhile(i64),
    /// etcd does not take so large a request, in its own words.
    TooLarge(String),
}

/// What was compared, and what came of it.
#[derive(Debug, Clone)]
pub struct Report {
    /// Where keys were taken from.
    pub from: Origin,
    /// Where they were put; none where there was no etcd to compare with.
    pub to: Option<Origin>,
    /// How many.
    pub counts: Counts,
}

/// How many keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// In the backup only.
    pub gone: u64,
    /// With another value than in the backup.
    pub changed: u64,
    /// In the etcd only.
    pub extra: u64,
    /// To be written.
    pub planned: u64,
    /// Written.
    pub written: u64,
    /// Left, since somebody wrote them after they were looked at.
    pub written_meanwhile: u64,
    /// Left, since etcd takes no request of that size.
    pub too_large: u64,
    /// Of those planned or written, the ones that had a lease in the backup, and have none now.
    pub without_lease: u64,
}

impl Counts {
    pub(super) fn count(&mut self, step: &Step) {
        let from = match &step.difference {
            Difference::Removed(from) => {
                self.gone += 1;
                Some(from)
            }
            Difference::Changed { from, .. } | Difference::Rewritten { from, .. } => {
                self.changed += 1;
                Some(from)
            }
            Difference::Added(_) => {
                self.extra += 1;
                None
            }
        };
        match &step.outcome {
            Outcome::Planned => self.planned += 1,
            Outcome::Written(_) => self.written += 1,
            Outcome::WrittenMeanwhile(_) => self.written_meanwhile += 1,
            Outcome::TooLarge(_) => self.too_large += 1,
            Outcome::Left => {}
        }
        let is_put = matches!(step.outcome, Outcome::Planned | Outcome::Written(_));
        let had_lease = from.is_some_and(|from| from.lease != 0);
        self.without_lease += u64::from(is_put && had_lease);
    }

    /// How many keys were to be written and were not.
    pub fn failed(&self) -> u64 {
        self.written_meanwhile + self.too_large
    }
}
