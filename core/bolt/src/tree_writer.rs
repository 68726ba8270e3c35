//! Writes the pages of one bucket from entries in ascending order.

mod branch;
mod leaf;

use branch::Branches;
use leaf::Leaf;

use crate::page::{BUCKET_ENTRY, MAX_KEY_LEN, MAX_VALUE_LEN};
use crate::page_writer::PageWriter;
use crate::{Cursor, Error, HexKey, PageId, ReadAt, Refusal, WriteAt};

/// A tree that grows at its right end.
///
/// Leaves and branches are written as they fill, so it holds one unfinished page a level. Pages
/// are filled up: etcd only ever adds at the right end, and room left in the others stays unused.
#[derive(Default)]
pub(crate) struct TreeWriter {
    /// The bucket, for error messages.
    name: Vec<u8>,
    leaf: Leaf,
    /// From the level above the leaves to the root.
    levels: Vec<Branches>,
    last_key: Vec<u8>,
    holds_buckets: bool,
    grown: bool,
}

/// A finished tree.
pub(crate) enum Tree {
    /// So small that bbolt keeps it inside the entry of the bucket: a leaf page.
    Inline(Vec<u8>),
    Root(PageId),
}

impl TreeWriter {
    pub(crate) fn new(name: &[u8]) -> TreeWriter {
        TreeWriter {
            name: name.to_vec(),
            ..TreeWriter::default()
        }
    }

    /// A tree that keeps all pages of an existing one but the branches down to its last leaf,
    /// which it copies.
    pub(crate) fn beside<R: ReadAt>(
        name: &[u8],
        cursor: &mut Cursor<'_, R>,
        page_size: usize,
    ) -> Result<TreeWriter, Error> {
        let mut tree = TreeWriter::new(name);
        match cursor.last_raw()? {
            Some(last) => tree.last_key.extend_from_slice(last.key),
            None => return Ok(tree),
        }
        let Some(leaf) = cursor.leaf() else {
            return Ok(tree);
        };
        if cursor.leaf_page() == 0 {
            for index in 0..leaf.len() {
                let (key, value) = leaf.entry(index);
                tree.leaf.push(0, key, value);
            }
            return Ok(tree);
        }
        if cursor.branches().next().is_none() {
            tree.adopt(leaf.key(0), cursor.leaf_page(), page_size);
        }
        // The child a branch on the path leads to is copied too, and so enters its level anew.
        for (above_leaves, branch) in cursor.branches().rev().enumerate() {
            let mut level = Branches::default();
            let copied = usize::from(above_leaves > 0);
            for index in 0..branch.len().saturating_sub(copied) {
                level.push(branch.key(index), branch.child(index), page_size);
            }
            tree.levels.push(level);
        }
        Ok(tree)
    }

    fn adopt(&mut self, first_key: &[u8], page: PageId, page_size: usize) {
        let mut level = Branches::default();
        level.push(first_key, page, page_size);
        self.levels.push(level);
    }

    /// The last key; empty when there is none.
    pub(crate) fn last_key(&self) -> &[u8] {
        &self.last_key
    }

    /// Whether anything was pushed.
    pub(crate) fn grown(&self) -> bool {
        self.grown
    }

    /// Adds an entry after all others.
    #[inline]
    pub(crate) fn push<W: WriteAt>(
        &mut self,
        out: &mut PageWriter<W>,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), Error> {
        self.push_element(out, 0, key, value)
    }

    /// Adds a bucket after all other entries.
    pub(crate) fn push_bucket<W: WriteAt>(
        &mut self,
        out: &mut PageWriter<W>,
        name: &[u8],
        entry: &[u8],
    ) -> Result<(), Error> {
        self.holds_buckets = true;
        self.push_element(out, BUCKET_ENTRY, name, entry)
    }

    fn push_element<W: WriteAt>(
        &mut self,
        out: &mut PageWriter<W>,
        flags: u32,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), Error> {
        self.check_entry(key, value)?;
        if !self.leaf.has_room(key.len() + value.len(), out.page_size()) && !self.leaf.is_empty() {
            self.write_leaf(out)?;
        }
        self.leaf.push(flags, key, value);
        self.last_key.clear();
        self.last_key.extend_from_slice(key);
        self.grown = true;
        Ok(())
    }

    /// Writes what is left; a tree small enough becomes an inline one.
    pub(crate) fn finish<W: WriteAt>(mut self, out: &mut PageWriter<W>) -> Result<Tree, Error> {
        let small = self.leaf.size() <= out.page_size() / 4;
        if self.levels.is_empty() && small && !self.holds_buckets {
            return Ok(Tree::Inline(self.leaf.inline_page()));
        }
        self.finish_paged(out).map(Tree::Root)
    }

    /// Writes what is left to pages, also if it is little or nothing; returns the root page.
    pub(crate) fn finish_paged<W: WriteAt>(
        mut self,
        out: &mut PageWriter<W>,
    ) -> Result<PageId, Error> {
        if self.levels.is_empty() && self.leaf.is_empty() {
            return self.leaf.write(out);
        }
        if !self.leaf.is_empty() {
            self.write_leaf(out)?;
        }
        let mut above_leaves = 0;
        loop {
            let is_top = self.levels[above_leaves + 1..]
                .iter()
                .all(Branches::is_empty);
            if let Some(root) = self.levels[above_leaves].only_child().filter(|_| is_top) {
                return Ok(root);
            }
            while let Some(written) = self.levels[above_leaves].write_rest(out)? {
                self.push_child(out, above_leaves + 1, &written.first_key, written.page)?;
            }
            above_leaves += 1;
        }
    }

    fn write_leaf<W: WriteAt>(&mut self, out: &mut PageWriter<W>) -> Result<(), Error> {
        let page = self.leaf.write(out)?;
        if self.levels.is_empty() {
            self.levels.push(Branches::default());
        }
        let parents = &mut self.levels[0];
        parents.push(self.leaf.first_key(), page, out.page_size());
        self.leaf.clear();
        self.write_full(out, 0)
    }

    fn push_child<W: WriteAt>(
        &mut self,
        out: &mut PageWriter<W>,
        level: usize,
        key: &[u8],
        page: PageId,
    ) -> Result<(), Error> {
        if self.levels.len() == level {
            self.levels.push(Branches::default());
        }
        self.levels[level].push(key, page, out.page_size());
        self.write_full(out, level)
    }

    /// Writes the branches of `level` that are full, and of the levels above that fill by it.
    fn write_full<W: WriteAt>(
        &mut self,
        out: &mut PageWriter<W>,
        level: usize,
    ) -> Result<(), Error> {
        while let Some(written) = self.levels[level].write_full(out)? {
            self.push_child(out, level + 1, &written.first_key, written.page)?;
        }
        Ok(())
    }

    /// Whether an entry may come next.
    #[inline]
    pub(crate) fn check_entry(&self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        let refusal = if key.is_empty() || key.len() > MAX_KEY_LEN as usize {
            Refusal::KeyLength { len: key.len() }
        } else if value.len() > MAX_VALUE_LEN {
            Refusal::ValueLength {
                key: HexKey::from(key),
                len: value.len(),
            }
        } else if key <= &self.last_key[..] {
            Refusal::NotAscending {
                key: HexKey::from(key),
                last: HexKey::from(&self.last_key[..]),
            }
        } else {
            return Ok(());
        };
        Err(refusal.of(&self.name))
    }
}
