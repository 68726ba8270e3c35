use crate::KeySet;

/// What rule 2 lets pass among the entries up to the compact revision.
#[derive(Debug, Clone)]
pub enum Keep {
    /// All: the store was never compacted, or no key is live at the revision asked for.
    Everything,
    /// Puts of keys not in the set, which holds the keys changed after the compact revision
    /// and up to the one asked for. For a store that is physically compacted, where each key
    /// has one entry at most up to there, and some key is live at the revision asked for.
    Untouched(KeySet),
    /// Those flagged, found by a pass over all entries. For a compaction still pending.
    Flagged(Flags),
}

/// One bit per entry, noted from the newest to the oldest and taken the other way round.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    words: Vec<u64>,
    len: usize,
}

impl Flags {
    pub(crate) fn push(&mut self, flag: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut() {
            *word |= u64::from(flag) << (self.len % 64);
        }
        self.len += 1;
    }

    /// The flag noted last; false when all were taken.
    pub(super) fn pop(&mut self) -> bool {
        let Some(len) = self.len.checked_sub(1) else {
            return false;
        };
        self.len = len;
        self.words
            .get(len / 64)
            .is_some_and(|word| word >> (len % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn flags_come_back_reversed(flags in proptest::collection::vec(any::<bool>(), 0..300)) {
            let mut noted = Flags::default();
            flags.iter().for_each(|flag| noted.push(*flag));
            let taken: Vec<bool> = flags.iter().map(|_| noted.pop()).collect();
            prop_assert!(taken.iter().rev().eq(&flags));
            prop_assert!(!noted.pop());
        }
    }
}
