use std::collections::BTreeMap;
use std::ops::Range;

use super::facts::Facts;
use super::index::Index;
use super::leaf::{InlineLeaf, Leaf};
use super::unclear::Unclear;
use crate::PageId;
use crate::meta::{META_PAGE_LEN, Meta};
use crate::page::{BRANCH, HEADER_LEN, Header, LEAF, Node, NodeKind};

/// The longest page that is noted, with its overflow, in bytes.
const LONGEST: u64 = 64 << 20;

/// Pages that may be under way at once: each claims the pages after it.
const MOST_CLAIMS: usize = 4096;

/// How often the whole stream may be read again on behalf of pages that claim the place of others.
const MOST_READ: u64 = 8;

/// Looks at leaves as they come by.
pub trait Visitor {
    /// A leaf, whole in itself; the database may not use it any more. The number of its last key, if it belongs to
    /// a tree whose sum is wanted: in such a tree they ascend from leaf to leaf.
    fn leaf(&mut self, page: PageId, leaf: Leaf<'_>) -> Option<i64>;
}

/// A pass over the bytes of a database, in any pieces. It never fails: see [`Index`].
#[derive(Debug)]
pub struct Pass<V> {
    size: u64,
    seen: u64,
    /// Bytes from `start` in the stream on; those before `cut` are done with.
    window: Vec<u8>,
    start: u64,
    cut: usize,
    layout: Result<Layout, Unclear>,
    visitor: V,
}

/// What is known since the first page told it.
#[derive(Debug)]
struct Layout {
    /// `None` before the first page has come.
    meta: Option<Meta>,
    facts: Facts,
    root: Option<InlineLeaf>,
    /// The first page whose header was not looked at.
    next: PageId,
    /// Pages under way, by the page after them.
    claims: BTreeMap<PageId, Vec<PageId>>,
    claimed: usize,
    read: u64,
}

impl<V: Visitor> Pass<V> {
    /// Over a database of `size` bytes.
    pub fn new(size: u64, visitor: V) -> Self {
        let layout = Layout {
            meta: None,
            facts: Facts::default(),
            root: None,
            next: 0,
            claims: BTreeMap::new(),
            claimed: 0,
            read: 0,
        };
        Self {
            size,
            seen: 0,
            window: Vec::new(),
            start: 0,
            cut: 0,
            layout: Ok(layout),
            visitor,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.seen = self.seen.saturating_add(bytes.len() as u64);
        let Ok(layout) = &mut self.layout else { return };
        self.window.extend_from_slice(bytes);
        let window = Window {
            bytes: &self.window,
            start: self.start,
        };
        match layout.advance(self.size, &window, &mut self.visitor) {
            Ok(needed) => {
                let done = needed.saturating_sub(self.start);
                self.cut = usize::try_from(done).unwrap_or(0).min(self.window.len());
                // Each byte is moved once at most, however far back the oldest page begins.
                if self.cut > self.window.len() / 2 {
                    self.window.drain(..self.cut);
                    self.start += self.cut as u64;
                    self.cut = 0;
                }
            }
            Err(unclear) => {
                self.window = Vec::new();
                self.layout = Err(unclear);
            }
        }
    }

    /// Ends it: what came by, or why nothing can be said of it, and the visitor.
    pub fn finish(self) -> (Result<Index, Unclear>, V) {
        let (seen, size) = (self.seen, self.size);
        let index = self.layout.and_then(|layout| {
            if seen != size {
                return Err(Unclear::Length { seen, size });
            }
            let meta = layout.meta.ok_or(Unclear::Meta)?;
            Ok(Index::new(meta, layout.facts, layout.root))
        });
        (index, self.visitor)
    }
}

/// What is at hand of the stream.
struct Window<'a> {
    bytes: &'a [u8],
    start: u64,
}

impl Window<'_> {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn get(&self, range: Range<u64>) -> Option<&[u8]> {
        let from = usize::try_from(range.start.checked_sub(self.start)?).ok()?;
        let to = usize::try_from(range.end.checked_sub(self.start)?).ok()?;
        self.bytes.get(from..to)
    }
}

impl Layout {
    /// Looks at all pages that are complete. The first byte of the stream that is still needed.
    fn advance(
        &mut self,
        size: u64,
        window: &Window<'_>,
        visitor: &mut impl Visitor,
    ) -> Result<u64, Unclear> {
        if self.meta.is_none() && !self.begin(size, window)? {
            return Ok(0);
        }
        let Some(page_size) = self.meta.as_ref().map(|meta| u64::from(meta.page_size)) else {
            return Ok(0);
        };
        while (self.next + 1) * page_size <= window.end() {
            let page = self.next;
            self.next += 1;
            let offset = page * page_size;
            if page == 1 {
                self.second_meta(window.get(offset..offset + META_PAGE_LEN as u64));
            } else if page > 1
                && let Some(header) = window.get(offset..offset + HEADER_LEN as u64)
            {
                self.claim(page, Header::parse(header), size / page_size)?;
            }
            for page in self.claims.remove(&self.next).unwrap_or_default() {
                self.claimed -= 1;
                let span = page * page_size..self.next * page_size;
                self.read += span.end - span.start;
                if self.read > size.saturating_mul(MOST_READ) {
                    return Err(Unclear::TooManyClaims);
                }
                if let Some(bytes) = window.get(span) {
                    self.settle(page, bytes, visitor)?;
                }
            }
        }
        let oldest = self.claims.values().flatten().min();
        Ok(oldest.copied().unwrap_or(self.next) * page_size)
    }

    /// Reads the first meta page; false before it has come.
    fn begin(&mut self, size: u64, window: &Window<'_>) -> Result<bool, Unclear> {
        let Some(page) = window.get(0..META_PAGE_LEN as u64) else {
            return Ok(false);
        };
        let meta = Meta::parse(page).map_err(|_| Unclear::Meta)?;
        if meta.high_water.saturating_mul(u64::from(meta.page_size)) > size {
            return Err(Unclear::Meta);
        }
        let pages = size / u64::from(meta.page_size);
        self.facts = Facts::of(pages).ok_or(Unclear::TooManyPages)?;
        self.meta = Some(meta);
        Ok(true)
    }

    /// The state is that of the newer meta page. etcd sends one state twice (bbolt, `Tx.WriteTo`).
    fn second_meta(&mut self, page: Option<&[u8]>) {
        let Some(second) = page.and_then(|page| Meta::parse(page).ok()) else {
            return;
        };
        if let Some(first) = &mut self.meta
            && second.page_size == first.page_size
            && second.txid > first.txid
        {
            *first = second;
        }
    }

    fn claim(&mut self, page: PageId, header: Header, pages: u64) -> Result<(), Unclear> {
        let Some(meta) = &self.meta else {
            return Ok(());
        };
        let span = u64::from(header.overflow) + 1;
        let is_node = header.id == page && matches!(header.flags, LEAF | BRANCH);
        let is_inside = span <= pages - page && span * u64::from(meta.page_size) <= LONGEST;
        if !is_node || !is_inside {
            return Ok(());
        }
        self.claimed += 1;
        if self.claimed > MOST_CLAIMS {
            return Err(Unclear::TooManyClaims);
        }
        self.claims.entry(page + span).or_default().push(page);
        Ok(())
    }

    /// Notes a page that has come with all its overflow, if it is what it says it is.
    fn settle(
        &mut self,
        page: PageId,
        bytes: &[u8],
        visitor: &mut impl Visitor,
    ) -> Result<(), Unclear> {
        let Ok(node) = Node::parse(bytes) else {
            return Ok(());
        };
        if node.kind() == NodeKind::Branch {
            // A child that has no page is none that the walk could find.
            let child = |index| u32::try_from(node.child(index)).unwrap_or(0);
            let children = (0..node.len()).map(child);
            return match node.check_order().is_err() || self.facts.branch(page, children) {
                true => Ok(()),
                false => Err(Unclear::TooManyChildren),
            };
        }
        let Ok(leaf) = Leaf::of(node) else {
            return Ok(());
        };
        if self
            .meta
            .as_ref()
            .is_some_and(|meta| meta.root.root == page)
        {
            self.root = Some(InlineLeaf::copied(bytes));
        }
        if let Some(last) = visitor.leaf(page, leaf) {
            let (crc, length) = leaf.crc32c();
            // Within LONGEST, and parsed: neither is cut.
            let (length, entries) = (length as u32, leaf.len() as u16);
            self.facts.leaf(page, (crc, length), entries, last);
        }
        Ok(())
    }
}
