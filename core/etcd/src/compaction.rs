//! What a compaction leaves of the `key` bucket.

use crate::KeySet;
use crate::revision::{Entry, Kind};

/// Whether an entry survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Keep,
    /// It goes.
    Drop,
}

/// Decides, entry by entry from the newest to the oldest, what a compaction at a revision
/// leaves: everything newer, and of each key the newest entry up to it, if that is a put or a
/// tombstone of just that revision.
///
/// Servers before 3.4.34 and 3.5.16 drop that tombstone too; HashKV is the same either way.
#[derive(Debug, Clone)]
pub struct Compaction {
    at: i64,
    seen: KeySet,
}

impl Compaction {
    /// A compaction at main revision `at`. `seed`: see [`KeySet::with_seed`].
    pub fn at(at: i64, seed: u64) -> Self {
        Self {
            at,
            seen: KeySet::with_seed(seed),
        }
    }

    /// Decides on the next older entry, which changed the user key `key`.
    pub fn decide(&mut self, entry: Entry, key: &[u8]) -> Verdict {
        let main = entry.revision.main;
        if main > self.at {
            return Verdict::Keep;
        }
        match (self.seen.insert(key), entry.kind) {
            (true, Kind::Put) => Verdict::Keep,
            (true, Kind::Tombstone) if main == self.at => Verdict::Keep,
            _ => Verdict::Drop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revision::Revision;
    use proptest::prelude::*;

    /// Main revisions that stay. One change per revision, from 2: its key, and whether it is
    /// a delete.
    fn survivors(history: &[(u8, bool)], at: i64) -> Vec<i64> {
        let mut compaction = Compaction::at(at, 7);
        let mut kept = Vec::new();
        for (ordinal, (key, deleted)) in history.iter().enumerate().rev() {
            let main = 2 + ordinal as i64;
            let kind = if *deleted { Kind::Tombstone } else { Kind::Put };
            let entry = Entry {
                revision: Revision::new(main, 0),
                kind,
            };
            if compaction.decide(entry, &[*key]) == Verdict::Keep {
                kept.insert(0, main);
            }
        }
        kept
    }

    proptest! {
        /// The definition, evaluated naively for each entry.
        #[test]
        fn keeps_the_newest_of_each_key(
            history in proptest::collection::vec((0..4u8, any::<bool>()), 0..40),
            at in 0..45i64,
        ) {
            let numbered: Vec<_> = (2i64..).zip(&history).collect();
            let newest = |main: i64, key: u8| {
                !numbered.iter().any(|(m, (k, _))| *k == key && *m > main && *m <= at)
            };
            let expected: Vec<i64> = numbered
                .iter()
                .filter(|(main, (key, deleted))| {
                    *main > at || newest(*main, *key) && (!deleted || *main == at)
                })
                .map(|(main, _)| *main)
                .collect();
            prop_assert_eq!(survivors(&history, at), expected);
        }
    }

    /// Trap 26.
    #[test]
    fn a_tombstone_exactly_at_the_revision_stays() {
        let history = [(1, false), (1, true), (2, false)];
        assert_eq!(survivors(&history, 3), [3, 4]);
        assert_eq!(survivors(&history, 4), [4]);
    }
}
