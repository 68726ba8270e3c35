use crate::PageId;

/// A set of page ids, one bit each.
pub(super) struct PageSet {
    words: Vec<u64>,
}

impl PageSet {
    /// Room for the pages below `high_water`; `None` when memory does not hold them.
    pub(super) fn new(high_water: PageId) -> Option<PageSet> {
        let len = usize::try_from(high_water.div_ceil(64)).ok()?;
        let mut words = Vec::new();
        words.try_reserve_exact(len).ok()?;
        words.resize(len, 0);
        Some(PageSet { words })
    }

    /// Whether `page` is new to the set.
    pub(super) fn insert(&mut self, page: PageId) -> bool {
        let Some(word) = place(page).and_then(|at| self.words.get_mut(at)) else {
            return false;
        };
        let bit = 1 << (page % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    pub(super) fn contains(&self, page: PageId) -> bool {
        let word = place(page).and_then(|at| self.words.get(at));
        word.is_some_and(|word| word & (1 << (page % 64)) != 0)
    }
}

fn place(page: PageId) -> Option<usize> {
    usize::try_from(page / 64).ok()
}
