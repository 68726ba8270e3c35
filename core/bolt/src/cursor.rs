use crate::db::Db;
use crate::page::{Node, NodeKind};
use crate::page_reader::PageReader;
use crate::{Error, Fault, PageId, ReadAt};

/// bbolt's fan-out is at least two, so a file of 2^63 bytes needs less; a deeper path is a cycle.
pub(crate) const MAX_DEPTH: usize = 64;

/// A key and its value, lent until the cursor moves.
pub type Item<'a> = (&'a [u8], &'a [u8]);

/// One element of a leaf.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) key: &'a [u8],
    /// For a bucket its header, and its page if it is inline.
    pub(crate) value: &'a [u8],
    pub(crate) is_bucket: bool,
}

/// Walks the entries of one bucket in either direction.
///
/// A nested bucket shows as its name with an empty value, as in bbolt. The slices returned hold
/// until the next move; a move within a page allocates nothing and copies nothing.
///
/// Every page is checked when it is reached, so a walk yields keys in strictly ascending (or
/// descending) order or an [`Error::Corrupt`], and ends. After an error the cursor stands past
/// the last entry.
pub struct Cursor<'a, R> {
    db: &'a Db<R>,
    root: PageId,
    inline: Option<Vec<u8>>,
    /// Branches from the root down to the leaf; those from `depth` on are spare buffers.
    path: Vec<Branch>,
    depth: usize,
    /// How many branches the last leaf was found under. Pages above that level are read singly, so
    /// that they do not disturb the reading ahead of leaves.
    usual_depth: usize,
    branches: PageReader,
    leaves: PageReader,
    leaf_page: PageId,
    leaf_len: usize,
    index: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Not moved yet: the next step decides the end it starts from.
    Fresh,
    On,
    BeforeFirst,
    AfterLast,
}

#[derive(Clone, Copy)]
enum Towards<'k> {
    First,
    Last,
    Key(&'k [u8]),
}

/// A branch page that was checked, and which of its children the path goes through.
#[derive(Default)]
struct Branch {
    page: Vec<u8>,
    index: usize,
    len: usize,
}

impl Branch {
    fn copy(&mut self, page: &[u8], len: usize) {
        self.page.clear();
        self.page.extend_from_slice(page);
        self.len = len;
        self.index = 0;
    }

    fn key(&self, index: usize) -> Option<&[u8]> {
        let node = self.node().filter(|_| index < self.len)?;
        Some(node.key(index))
    }

    /// Page 0 is never part of a tree: reading it is refused.
    fn child(&self) -> PageId {
        self.node().map_or(0, |node| node.child(self.index))
    }

    fn node(&self) -> Option<Node<'_>> {
        Node::parsed_before(&self.page).ok()
    }
}

impl<'a, R: ReadAt> Cursor<'a, R> {
    pub(crate) fn paged(db: &'a Db<R>, root: PageId) -> Self {
        Cursor {
            db,
            root,
            inline: None,
            path: Vec::new(),
            depth: 0,
            usual_depth: 0,
            branches: PageReader::new(),
            leaves: PageReader::new(),
            leaf_page: root,
            leaf_len: 0,
            index: 0,
            place: Place::Fresh,
        }
    }

    /// A cursor over a leaf page that was checked before.
    pub(crate) fn inline(db: &'a Db<R>, page: Vec<u8>) -> Self {
        Cursor {
            inline: Some(page),
            ..Cursor::paged(db, 0)
        }
    }

    /// Moves to the first entry.
    pub fn first(&mut self) -> Result<Option<Item<'_>>, Error> {
        self.first_raw().map(shown)
    }

    /// Moves to the last entry.
    pub fn last(&mut self) -> Result<Option<Item<'_>>, Error> {
        self.last_raw().map(shown)
    }

    /// Moves to the first entry whose key is `key` or comes after it.
    pub fn seek(&mut self, key: &[u8]) -> Result<Option<Item<'_>>, Error> {
        self.seek_raw(key).map(shown)
    }

    /// Moves one entry on; a fresh cursor moves to the first one.
    #[expect(clippy::should_implement_trait, reason = "it lends what it yields")]
    pub fn next(&mut self) -> Result<Option<Item<'_>>, Error> {
        self.next_raw().map(shown)
    }

    /// Moves one entry back; a fresh cursor moves to the last one.
    pub fn prev(&mut self) -> Result<Option<Item<'_>>, Error> {
        match self.place {
            Place::Fresh | Place::AfterLast => return self.last(),
            Place::BeforeFirst => return Ok(None),
            Place::On => {}
        }
        match self.index.checked_sub(1) {
            Some(index) => self.index = index,
            None => self.turn_page(Towards::Last)?,
        }
        Ok(shown(self.entry()))
    }

    pub(crate) fn first_raw(&mut self) -> Result<Option<Entry<'_>>, Error> {
        self.descend_from_root(Towards::First)?;
        Ok(self.entry())
    }

    pub(crate) fn last_raw(&mut self) -> Result<Option<Entry<'_>>, Error> {
        self.descend_from_root(Towards::Last)?;
        Ok(self.entry())
    }

    pub(crate) fn seek_raw(&mut self, key: &[u8]) -> Result<Option<Entry<'_>>, Error> {
        self.descend_from_root(Towards::Key(key))?;
        if self.place == Place::On && self.index == self.leaf_len {
            self.turn_page(Towards::First)?;
        }
        Ok(self.entry())
    }

    pub(crate) fn next_raw(&mut self) -> Result<Option<Entry<'_>>, Error> {
        match self.place {
            Place::Fresh | Place::BeforeFirst => return self.first_raw(),
            Place::AfterLast => return Ok(None),
            Place::On => {}
        }
        self.index += 1;
        if self.index >= self.leaf_len {
            self.turn_page(Towards::First)?;
        }
        Ok(self.entry())
    }

    /// The page of the current entry; 0 in an inline bucket.
    pub(crate) fn leaf_page(&self) -> PageId {
        self.leaf_page
    }

    /// The leaf of the current entry.
    pub(crate) fn leaf(&self) -> Option<Node<'_>> {
        Node::parsed_before(self.leaf_bytes()).ok()
    }

    /// The branches from the root down to the current leaf.
    pub(crate) fn branches(&self) -> impl DoubleEndedIterator<Item = Node<'_>> {
        self.path[..self.depth].iter().filter_map(Branch::node)
    }

    fn entry(&self) -> Option<Entry<'_>> {
        if self.place != Place::On {
            return None;
        }
        let node = self.leaf()?;
        let (key, value) = node.entry(self.index);
        Some(Entry {
            key,
            value,
            is_bucket: node.is_bucket(self.index),
        })
    }

    fn leaf_bytes(&self) -> &[u8] {
        match &self.inline {
            Some(page) => page,
            None => self.leaves.current(),
        }
    }

    fn descend_from_root(&mut self, towards: Towards<'_>) -> Result<(), Error> {
        self.depth = 0;
        self.descend(self.root, towards)
    }

    /// Moves to the neighbouring leaf, in whose direction `towards` enters it.
    fn turn_page(&mut self, towards: Towards<'_>) -> Result<(), Error> {
        while let Some(depth) = self.depth.checked_sub(1) {
            let branch = &mut self.path[depth];
            let index = match towards {
                Towards::Last => branch.index.checked_sub(1),
                _ => Some(branch.index + 1).filter(|&index| index < branch.len),
            };
            if let Some(index) = index {
                branch.index = index;
                let child = branch.child();
                return self.descend(child, towards);
            }
            self.depth = depth;
        }
        self.place = match towards {
            Towards::Last => Place::BeforeFirst,
            _ => Place::AfterLast,
        };
        Ok(())
    }

    fn descend(&mut self, page: PageId, towards: Towards<'_>) -> Result<(), Error> {
        self.place = Place::AfterLast;
        let mut page = page;
        while self.inline.is_none() && self.load(page)? == NodeKind::Branch {
            let branch = &mut self.path[self.depth];
            branch.index = match (towards, branch.node()) {
                (Towards::First, _) | (_, None) => 0,
                (Towards::Last, _) => branch.len.saturating_sub(1),
                (Towards::Key(key), Some(node)) => node.child_for(key),
            };
            page = branch.child();
            self.depth += 1;
        }
        self.enter_leaf(page, towards);
        Ok(())
    }

    fn enter_leaf(&mut self, page: PageId, towards: Towards<'_>) {
        let node = self.leaf();
        let (len, index) = match (node, towards) {
            (None, _) => (0, 0),
            (Some(node), Towards::First) => (node.len(), 0),
            (Some(node), Towards::Last) => (node.len(), node.len().saturating_sub(1)),
            (Some(node), Towards::Key(key)) => (node.len(), node.lower_bound(key)),
        };
        self.leaf_page = page;
        (self.leaf_len, self.index) = (len, index);
        self.usual_depth = self.depth;
        // Only the root of an empty bucket has no entry: load() refuses others.
        self.place = match (len, towards) {
            (0, Towards::Last) => Place::BeforeFirst,
            (0, _) => Place::AfterLast,
            _ => Place::On,
        };
    }

    /// Reads and checks the page at the end of the path: a branch goes into `path[depth]`, a leaf
    /// stays in `leaves`.
    fn load(&mut self, page: PageId) -> Result<NodeKind, Error> {
        let db = self.db;
        if self.depth >= MAX_DEPTH {
            return Err(db.corrupt(page, Fault::TooDeep { limit: MAX_DEPTH }));
        }
        let expects_branch = self.depth < self.usual_depth;
        let reader = if expects_branch {
            &mut self.branches
        } else {
            &mut self.leaves
        };
        let bytes = reader.read(db, page)?;
        let (path, spare) = self.path.split_at_mut(self.depth);
        let node = check_node(bytes, path).map_err(|fault| db.corrupt(page, fault))?;
        let kind = node.kind();
        match (kind, spare.first_mut()) {
            (NodeKind::Branch, Some(branch)) => branch.copy(bytes, node.len()),
            (NodeKind::Branch, None) => {
                let mut branch = Branch::default();
                branch.copy(bytes, node.len());
                self.path.push(branch);
            }
            (NodeKind::Leaf, _) if expects_branch => {
                self.leaves.read(db, page)?;
            }
            (NodeKind::Leaf, _) => {}
        }
        Ok(kind)
    }
}

/// Checks a page on its own and against the branches above it.
fn check_node<'p>(bytes: &'p [u8], path: &[Branch]) -> Result<Node<'p>, Fault> {
    let node = Node::parse(bytes)?;
    if node.len() == 0 && (node.kind() == NodeKind::Branch || !path.is_empty()) {
        return Err(Fault::NoElement);
    }
    node.check_order()?;
    let from = path.last().and_then(|branch| branch.key(branch.index));
    let to = path
        .iter()
        .rev()
        .find_map(|branch| branch.key(branch.index + 1));
    node.check_window(from, to)?;
    Ok(node)
}

fn shown(entry: Option<Entry<'_>>) -> Option<Item<'_>> {
    entry.map(|entry| {
        let value = if entry.is_bucket { &[] } else { entry.value };
        (entry.key, value)
    })
}
