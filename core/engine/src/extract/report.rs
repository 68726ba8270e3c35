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

impl Step {
    /// The lease that a key had in the backup or has in etcd, and has not once it is written: what is put has none.
    pub fn lost_lease(&self) -> Option<i64> {
        let (backup, live) = match &self.difference {
            Difference::Removed(backup) => (backup.lease, 0),
            Difference::Changed { from, to } | Difference::Rewritten { from, to } => {
                (from.lease, to.lease)
            }
            // It goes.
            Difference::Added(_) => return None,
        };
        let either = [backup, live].into_iter().find(|lease| *lease != 0);
        either.filter(|_| self.write.is_some())
    }
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
    /// Of those planned or written, the ones that had a lease in the backup or in etcd, and have none once they are written.
    pub without_lease: u64,
}

impl Counts {
    pub(super) fn count(&mut self, step: &Step) {
        match &step.difference {
            Difference::Removed(_) => self.gone += 1,
            Difference::Changed { .. } | Difference::Rewritten { .. } => self.changed += 1,
            Difference::Added(_) => self.extra += 1,
        }
        match &step.outcome {
            Outcome::Planned => self.planned += 1,
            Outcome::Written(_) => self.written += 1,
            Outcome::WrittenMeanwhile(_) => self.written_meanwhile += 1,
            Outcome::TooLarge(_) => self.too_large += 1,
            Outcome::Left => {}
        }
        let is_put = matches!(step.outcome, Outcome::Planned | Outcome::Written(_));
        self.without_lease += u64::from(is_put && step.lost_lease().is_some());
    }

    /// How many keys were to be written and were not.
    pub fn failed(&self) -> u64 {
        self.written_meanwhile + self.too_large
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::{KeyChange, KeyValue};

    fn kv(lease: i64) -> KeyValue {
        KeyValue {
            key: b"k".as_slice().into(),
            value: b"v".as_slice().into(),
            create_revision: 2,
            mod_revision: 2,
            version: 1,
            lease,
        }
    }

    fn step(difference: Difference) -> Step {
        let write = Write {
            key: b"k".as_slice().into(),
            seen: 0,
            change: KeyChange::Put(b"v".as_slice().into()),
        };
        Step {
            difference,
            write: Some(write),
            outcome: Outcome::Planned,
        }
    }

    /// A live key that was overwritten lost its lease without a word where it had none in the backup.
    #[test]
    fn a_lease_is_lost_on_either_side() {
        let changed = |from, to| {
            step(Difference::Changed {
                from: kv(from),
                to: kv(to),
            })
        };
        assert_eq!(changed(0, 7).lost_lease(), Some(7));
        assert_eq!(changed(5, 7).lost_lease(), Some(5));
        assert_eq!(changed(0, 0).lost_lease(), None);
        assert_eq!(step(Difference::Removed(kv(3))).lost_lease(), Some(3));
        assert_eq!(step(Difference::Added(kv(3))).lost_lease(), None);
        let left = Step {
            write: None,
            ..changed(0, 7)
        };
        assert_eq!(left.lost_lease(), None);
        let mut counts = Counts::default();
        counts.count(&changed(0, 7));
        assert_eq!(counts.without_lease, 1);
    }
}
