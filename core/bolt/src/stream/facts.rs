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

/// What was noted of all pages: 19 bytes of each, in columns, so that none is lost to alignment.
#[derive(Debug, Default)]
pub(super) struct Facts {
    kinds: Vec<Kind>,
    crcs: Vec<u32>,
    /// Bytes of a leaf; of a branch how many children it has.
    lengths: Vec<u32>,
    counts: Vec<u16>,
    /// The number of a leaf's last key; of a branch where its children begin.
    lasts: Vec<i64>,
    children: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Unknown,
    Leaf,
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
        self.note(page, Kind::Leaf, (crc, bytes), entries, last);
    }

    /// Notes a branch; false if there is no room for its children, of which there are at most two a page, or [`FEW`].
    pub(super) fn branch(&mut self, page: PageId, children: impl Iterator<Item = u32>) -> bool {
        let start = self.children.len();
        self.children.extend(children);
        let count = (self.children.len() - start) as u32;
        self.note(page, Kind::Branch, (0, count), 0, start as i64);
        let most = FEW.max(self.kinds.capacity().saturating_mul(2));
        self.children.len() <= most
    }

    fn note(&mut self, page: PageId, kind: Kind, (crc, length): (u32, u32), count: u16, last: i64) {
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
        match self.kinds.get(at)? {
            Kind::Unknown => None,
            Kind::Leaf => Some(Fact::Leaf {
                crc: *self.crcs.get(at)?,
                bytes: length,
                entries: *self.counts.get(at)?,
                last,
            }),
            Kind::Branch => {
                let start = usize::try_from(last).ok()?;
                let end = start.checked_add(length as usize)?;
                Some(Fact::Branch(self.children.get(start..end)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
