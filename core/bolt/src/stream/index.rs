use super::crc::combine;
use super::facts::{Fact, Facts};
use super::leaf::InlineLeaf;
use super::unclear::Unclear;
use crate::bucket::{BUCKET_HEADER_LEN, parse_entry, parse_inline};
use crate::{HexKey, Meta, PageId};

/// What came by in a whole pass.
#[derive(Debug)]
pub struct Index {
    meta: Meta,
    facts: Facts,
    root: Option<InlineLeaf>,
}

/// Where a bucket is.
#[derive(Clone, Debug)]
pub enum BucketAt {
    /// In its entry.
    Inline(InlineLeaf),
    /// In a tree below this page.
    Page(PageId),
}

/// What a tree holds whose leaves all have numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree {
    /// CRC-32C over all keys and values as they follow each other.
    pub crc32c: u32,
    /// How many bytes that are.
    pub bytes: u64,
    /// Entries.
    pub entries: u64,
    /// The number of the last key, and its page.
    pub last: (i64, PageId),
}

impl Index {
    pub(super) fn new(meta: Meta, facts: Facts, root: Option<InlineLeaf>) -> Self {
        Self { meta, facts, root }
    }

    /// The state that came by.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Where the bucket of this name is; `None` if there is none.
    pub fn bucket(&self, name: &[u8]) -> Result<Option<BucketAt>, Unclear> {
        let no_root = || Unclear::Root(self.meta.root.root);
        let root = self.root.as_ref().ok_or_else(no_root)?;
        let leaf = root.leaf().map_err(|_| no_root())?;
        let Some(index) = (0..leaf.len()).find(|index| leaf.entry(*index).0 == name) else {
            return Ok(None);
        };
        let no_bucket = |_| Unclear::Bucket(HexKey::from(name));
        let (_, entry) = leaf.entry(index);
        if !leaf.is_bucket(index) {
            return Err(Unclear::Bucket(HexKey::from(name)));
        }
        let header = parse_entry(name, entry).map_err(no_bucket)?;
        if header.root != 0 {
            return Ok(Some(BucketAt::Page(header.root)));
        }
        parse_inline(name, entry).map_err(no_bucket)?;
        let page = entry.get(BUCKET_HEADER_LEN..).unwrap_or_default();
        Ok(Some(BucketAt::Inline(InlineLeaf::copied(page))))
    }

    /// Puts together what the tree below `root` holds, each page once.
    pub fn tree(&self, root: PageId) -> Result<Tree, Unclear> {
        let mut tree = Tree {
            crc32c: 0,
            bytes: 0,
            entries: 0,
            last: (i64::MIN, root),
        };
        let mut seen = Seen::default();
        let mut ahead = vec![root];
        while let Some(page) = ahead.pop() {
            if !(2..self.meta.high_water).contains(&page) {
                return Err(Unclear::Page(page));
            }
            if !seen.insert(page) {
                return Err(Unclear::Twice(page));
            }
            match self.facts.get(page).ok_or(Unclear::Page(page))? {
                Fact::Branch([]) => return Err(Unclear::Page(page)),
                Fact::Branch(children) => {
                    ahead.extend(children.iter().rev().map(|child| PageId::from(*child)));
                }
                Fact::Leaf {
                    crc,
                    bytes,
                    entries,
                    last,
                } => {
                    if last < tree.last.0 {
                        return Err(Unclear::NotAscending(page));
                    }
                    tree.crc32c = combine(tree.crc32c, crc, bytes);
                    tree.bytes += u64::from(bytes);
                    tree.entries += u64::from(entries);
                    tree.last = (last, page);
                }
            }
        }
        Ok(tree)
    }
}

/// One bit a page.
#[derive(Debug, Default)]
struct Seen(Vec<u64>);

impl Seen {
    /// False if it was there.
    fn insert(&mut self, page: PageId) -> bool {
        let (at, bit) = ((page / 64) as usize, 1 << (page % 64));
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        let fresh = self.0[at] & bit == 0;
        self.0[at] |= bit;
        fresh
    }
}
