use std::collections::BTreeMap;

use crate::PageId;

/// What is noted of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact<'a> {
    /// A leaf that counts.
    Leaf {
        crc: u32,
        bytes: u32,
        entries: u16,
        last: i64,
    },
    /// A branch, and the pages below it.
    Branch(&'a [u32]),
}

/// So many children are kept of any database, 256 KiB of them. A small one that is written to all the time has a stale branch
/// on many of its free pages.
const FEW: usize = 1 << 16;

/// What was noted of all pages: 13 bytes of each, in columns, so that none is lost to alignment. Where a number does not fit into
/// its column, it stands in `long`.
#[derive(Debug, Default)]
pub(super) struct Facts {
    kinds: Vec<Kind>,
    crcs: Vec<u32>,
    /// Bytes of a leaf; of a branch how many children it has.
    lengths: Vec<u16>,
    counts: Vec<u16>,
    /// The number of a leaf's last key, beyond `base`; of a branch where its children begin.
    lasts: Vec<u32>,
    children: Vec<u32>,
    /// The number of the last key of the first leaf, less half of what a column holds: the numbers of a database are close
    /// to each other.
    base: Option<i64>,
    /// Length and number of pages of which one does not fit: those with long values, and those of a database through
    /// which more than two billion revisions went.
    long: BTreeMap<PageId, (u32, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Unknown,
    Leaf,
    /// A leaf whose length and number stand in `long`.
    LongLeaf,
    Branch,
}

impl Facts {
    /// Room for so many pages; `None` if there is none. Memory is taken as pages are noted.
    pub(super) fn of(pages: u64) -> Option<Self> {
        // Children are 32 bits long.
        let pages = usize::try_from(u32::try_from(pages).ok()?).ok()?;
        let mut facts = Self::default();
        facts.kinds.try_reserve_exact(pages).ok()?;
        facts.crcs.try_reserve_exact(pages).ok()?;
        facts.lengths.try_reserve_exact(pages).ok()?;
        facts.counts.try_reserve_exact(pages).ok()?;
        facts.lasts.try_reserve_exact(pages).ok()?;
        Some(facts)
    }

    /// Notes a leaf. A page is noted once.
    pub(super) fn leaf(&mut self, page: PageId, (crc, bytes): (u32, u32), entries: u16, last: i64) {
        let base = *self.base.get_or_insert(last.saturating_sub(1 << 31));
        let beyond = last
            .checked_sub(base)
            .and_then(|last| u32::try_from(last).ok());
        match (u16::try_from(bytes), beyond) {
            (Ok(length), Some(last)) => self.note(page, Kind::Leaf, crc, length, entries, last),
            _ => {
                self.note(page, Kind::LongLeaf, crc, 0, entries, 0);
                self.long.insert(page, (bytes, last));
            }
        }
    }

    /// Notes a branch; false if there is no room for its children, of which there are at most two a page, or [`FEW`].
    pub(super) fn branch(&mut self, page: PageId, children: impl Iterator<Item = u32>) -> bool {
        let start = self.children.len();
        self.children.extend(children);
        // A node counts its entries in 16 bits.
        let count = u16::try_from(self.children.len() - start);
        let (Ok(count), Ok(start)) = (count, u32::try_from(start)) else {
            return false;
        };
        self.note(page, Kind::Branch, 0, count, 0, start);
        let most = FEW.max(self.kinds.capacity().saturating_mul(2));
        self.children.len() <= most
    }

    fn note(&mut self, page: PageId, kind: Kind, crc: u32, length: u16, count: u16, last: u32) {
        let Ok(at) = usize::try_from(page) else {
            return;
        };
        if at >= self.kinds.len() {
            self.kinds.resize(at + 1, Kind::Unknown);
            self.crcs.resize(at + 1, 0);
            self.lengths.resize(at + 1, 0);
            self.counts.resize(at + 1, 0);
            self.lasts.resize(at + 1, 0);
        }
        self.kinds[at] = kind;
        self.crcs[at] = crc;
        self.lengths[at] = length;
        self.counts[at] = count;
        self.lasts[at] = last;
    }

    /// What was noted of a page, if it was understood.
    pub(super) fn get(&self, page: PageId) -> Option<Fact<'_>> {
        let at = usize::try_from(page).ok()?;
        let (length, last) = (*self.lengths.get(at)?, *self.lasts.get(at)?);
        let leaf = |(bytes, last)| {
            Some(Fact::Leaf {
                crc: *self.crcs.get(at)?,
                bytes,
                entries: *self.counts.get(at)?,
                last,
            })
        };
        match self.kinds.get(at)? {
            Kind::Unknown => None,
            Kind::Leaf => leaf((u32::from(length), self.base? + i64::from(last))),
            Kind::LongLeaf => leaf(*self.long.get(&page)?),
            Kind::Branch => {
                let start = last as usize;
                let end = start.checked_add(usize::from(length))?;
                Some(Fact::Branch(self.children.get(start..end)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The columns are narrower than what stands in them: whatever comes first, each leaf is told as it was noted.
        #[test]
        fn a_leaf_is_told_as_it_was_noted(
            leaves in prop::collection::vec((
                any::<u32>(),
                prop_oneof![0..70_000_u32, any::<u32>()],
                any::<u16>(),
                prop_oneof![0..100_i64, any::<i64>(), Just(i64::MIN), Just(i64::MAX), Just(1 << 31)],
            ), 1..40),
        ) {
            let mut facts = Facts::of(100).unwrap();
            for (page, (crc, bytes, entries, last)) in (3..).step_by(2).zip(&leaves) {
                facts.leaf(page, (*crc, *bytes), *entries, *last);
            }
            for (page, (crc, bytes, entries, last)) in (3..).step_by(2).zip(&leaves) {
                let (crc, bytes, entries, last) = (*crc, *bytes, *entries, *last);
                prop_assert_eq!(facts.get(page), Some(Fact::Leaf { crc, bytes, entries, last }));
                prop_assert_eq!(facts.get(page - 1), None);
            }
        }
    }

    /// Of a small database under load a full said nothing of what it holds, and nothing proved its history: the roots that
    /// it had had before stood on its free pages, each with all the children.
    #[test]
    fn stale_branches_of_a_small_database_have_room() {
        let mut facts = Facts::of(100).unwrap();
        for page in 0..100 {
            assert!(facts.branch(page, 0..100), "{page}");
        }
        let too_many = (0..100).all(|page| facts.branch(page, 0..1000));
        assert!(!too_many, "there is a bound");
    }
}
