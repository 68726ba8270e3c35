use std::collections::BTreeMap;

use bolt::PageId;
use bolt::stream::{Leaf, Visitor};

use super::last_events::{LastEvent, LastEvents};
use super::marks::Marks;
use crate::Malformed;
use crate::revision::Entry;
use crate::schema::meta;

/// Leaves that may be the `meta` bucket, of which as many are kept: each transaction writes another, and those of
/// the past lie about.
const MOST_MARKS: usize = 1 << 16;

/// Entries that a leaf of the `meta` bucket has at most: etcd writes seven.
const MOST_IN_META: usize = 64;

type Read = Result<Marks, Malformed>;

/// What is kept of the leaves that come by.
#[derive(Debug)]
pub(super) struct Leaves {
    highest: i64,
    pub(super) last_events: LastEvents,
    /// By their consistent index, since the newest are the likeliest.
    marks: BTreeMap<(u64, PageId), Read>,
}

impl Leaves {
    pub(super) fn up_to(highest: i64) -> Self {
        Self {
            highest,
            last_events: LastEvents::default(),
            marks: BTreeMap::new(),
        }
    }

    /// The revision above which nothing counts.
    pub(super) fn highest(&self) -> i64 {
        self.highest
    }

    /// What a leaf of the `meta` bucket says; `None` if the page was not seen to be one.
    pub(super) fn marks(&self, page: PageId) -> Option<&Read> {
        let mut marks = self.marks.iter();
        marks
            .find(|((_, at), _)| *at == page)
            .map(|(_, marks)| marks)
    }

    fn note_marks(&mut self, page: PageId, leaf: Leaf<'_>) {
        let marks = Marks::read(leaf);
        let index = marks.as_ref().map_or(0, |marks| marks.consistent_index);
        self.marks.insert((index, page), marks);
        if self.marks.len() > MOST_MARKS {
            self.marks.pop_first();
        }
    }
}

impl Visitor for Leaves {
    fn leaf(&mut self, page: PageId, leaf: Leaf<'_>) -> Option<i64> {
        let Some(last) = leaf.len().checked_sub(1) else {
            // The root of an empty bucket.
            return Some(0);
        };
        if is_of_keys(leaf) {
            let (key, value) = leaf.entry(last);
            let entry = Entry::parse(key).ok()?;
            let main = entry.revision.main;
            if main <= self.highest
                && let Some(event) = LastEvent::read(entry, value)
            {
                self.last_events.note(page, event);
            }
            return Some(main);
        }
        let mut entries = leaf.entries().take(MOST_IN_META);
        if last < MOST_IN_META && entries.any(|(key, _)| key == meta::CONSISTENT_INDEX) {
            self.note_marks(page, leaf);
        }
        None
    }
}

/// Whether all entries are those of the `key` bucket.
pub(super) fn is_of_keys(leaf: Leaf<'_>) -> bool {
    let is_of_keys = |index| !leaf.is_bucket(index) && Entry::parse(leaf.entry(index).0).is_ok();
    (0..leaf.len()).all(is_of_keys)
}
