//! Revisions that more than one delta holds. During a change of leader two snapshotters write the
//! same events; equal ones are skipped, different ones mean two histories.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use snapstore::Key;

use crate::backups::Snapshot;

/// Remembers what was applied for the revisions that come again, and for no others.
#[derive(Debug, Default)]
pub(crate) struct Overlaps {
    ranges: Vec<RangeInclusive<i64>>,
    seen: HashMap<i64, (u64, usize)>,
    objects: Vec<Key>,
}

impl Overlaps {
    /// Finds out, from the names, which revisions come more than once.
    pub(crate) fn of(deltas: &[Snapshot]) -> Self {
        let mut ranges: Vec<RangeInclusive<i64>> = Vec::new();
        let mut reached = i64::MIN;
        for delta in deltas {
            let (first, last) = (delta.name.first, delta.name.last);
            if first <= reached {
                ranges.push(first..=last.min(reached));
            }
            reached = reached.max(last);
        }
        let objects = deltas.iter().map(|delta| delta.key().clone()).collect();
        Self {
            ranges,
            seen: HashMap::new(),
            objects,
        }
    }

    /// Whether `revision` is to be remembered.
    pub(crate) fn concerns(&self, revision: i64) -> bool {
        self.ranges.iter().any(|range| range.contains(&revision))
    }

    /// The events of `revision` that delta number `object` brought, hashed, were applied.
    pub(crate) fn applied(&mut self, revision: i64, hash: u64, object: usize) {
        self.seen.insert(revision, (hash, object));
    }

    /// The revision comes again. The delta that brought something else before, if one did.
    pub(crate) fn differs(&self, revision: i64, hash: u64) -> Option<&Key> {
        let (applied, object) = self.seen.get(&revision)?;
        if *applied == hash {
            None
        } else {
            self.objects.get(*object)
        }
    }
}

/// The events of one revision, hashed as they come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RevisionHash(u64);

impl RevisionHash {
    /// Takes in the next event: its key in the bucket and its encoded value.
    pub(crate) fn add(&mut self, (key, value): (&[u8], &[u8])) {
        let entry = xxhash_rust::xxh3::xxh3_64_with_seed(key, self.0);
        self.0 = xxhash_rust::xxh3::xxh3_64_with_seed(value, entry);
    }

    pub(crate) fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;

    #[test]
    fn only_revisions_that_come_again_are_remembered() {
        let store = catalogue(&[
            "Incr-00000011-00000020-1",
            "Incr-00000011-00000030-2",
            "Incr-00000031-00000040-3",
            "Incr-00000040-00000045-4",
        ]);
        let overlaps = Overlaps::of(&store.snapshots);
        assert!(overlaps.concerns(11) && overlaps.concerns(20) && overlaps.concerns(40));
        assert!(!overlaps.concerns(10) && !overlaps.concerns(21) && !overlaps.concerns(41));
    }

    #[test]
    fn a_difference_names_the_delta_that_came_before() {
        let store = catalogue(&["Incr-00000011-00000020-1", "Incr-00000011-00000020-2"]);
        let mut overlaps = Overlaps::of(&store.snapshots);
        overlaps.applied(11, 7, 0);
        assert_eq!(overlaps.differs(11, 7), None);
        assert_eq!(overlaps.differs(11, 8), Some(store.snapshots[0].key()));
    }
}
