use crate::KeySet;
use crate::revision::{Entry, Kind};

use super::keep::{Flags, Keep};

/// Finds out what is hashed where a compaction was begun and not completed: noted are all entries, from
/// the newest to the oldest.
///
/// That is what an etcd answers when it has completed and committed it, which it does when it starts. While some key is
/// live the answer is the same before and after. When none is, rule 2 is off, and what the compaction
/// removes would be hashed before and not after (server/storage/mvcc/hash.go of 3.6.16,
/// `WriteKeyValue`: `len(h.keep) > 0`; 3.4.23 to 3.7.3 are alike).
#[derive(Debug, Clone)]
pub struct Pending {
    compact: i64,
    seen: KeySet,
    seen_compacted: KeySet,
    live: Flags,
    left: Flags,
    some_live: bool,
}

impl Pending {
    /// Of a compaction at main revision `compact`. `seed`: see [`KeySet::with_seed`].
    pub fn at(compact: i64, seed: u64) -> Self {
        Self {
            compact,
            seen: KeySet::with_seed(seed),
            seen_compacted: KeySet::with_seed(seed),
            live: Flags::default(),
            left: Flags::default(),
            some_live: false,
        }
    }

    /// When changes that are not noted follow: they touch these keys, of which some is live in the end
    /// or none.
    pub(super) fn before(self, seen: KeySet, some_live: bool) -> Self {
        Self {
            seen,
            some_live,
            ..self
        }
    }

    /// Notes the next older entry, which changed the user key `key`.
    pub fn note(&mut self, entry: Entry, key: &[u8]) {
        let is_put = entry.kind == Kind::Put;
        let live = self.seen.insert(key) && is_put;
        self.some_live |= live;
        if entry.revision.main <= self.compact {
            self.live.push(live);
            self.left.push(self.seen_compacted.insert(key) && is_put);
        }
    }

    /// What rule 2 lets pass.
    pub fn keep(self) -> Keep {
        Keep::Flagged(match self.some_live {
            true => self.live,
            false => self.left,
        })
    }
}
