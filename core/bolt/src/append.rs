use std::collections::BTreeMap;

use crate::bucket::{Bucket, entry};
use crate::page_writer::PageWriter;
use crate::tree_writer::TreeWriter;
use crate::{BucketHeader, Db, Error, Fault, Meta, PageId, ReadAt, Refusal, WriteAt};

/// One commit on top of an existing database, written after its last page.
///
/// No page of the database is changed: until [`commit`](Append::commit) writes the other meta page,
/// the file holds the old state, whole. Old pages that lose their last reference count as free,
/// because the new state keeps no freelist and whoever opens the file finds the free pages by what
/// cannot be reached. So nothing of the old content is read but the right edge of the buckets that
/// are written to.
///
/// The same calls give the same bytes.
pub struct Append<F> {
    out: PageWriter<F>,
    base: Meta,
    base_page: PageId,
    buckets: BTreeMap<Vec<u8>, Change>,
}

/// What becomes of a bucket, by its name.
enum Change {
    Grows {
        tree: Box<TreeWriter>,
        sequence: u64,
    },
    /// The bucket is this entry now.
    Replaced(Vec<u8>),
    Removed,
}

/// Adds entries after the last one of a bucket.
pub struct Tail<'a, F> {
    tree: &'a mut TreeWriter,
    out: &'a mut PageWriter<F>,
}

impl<F: ReadAt + WriteAt> Append<F> {
    /// Starts a commit on the newest state of `file`. What the file holds after its last page, as
    /// the hash of a snapshot or the spare room of a live database, is overwritten or cut.
    pub fn open(file: F) -> Result<Append<F>, Error> {
        let db = Db::open(file)?;
        let (base, base_page) = (db.meta().clone(), db.meta_page());
        Ok(Append {
            out: PageWriter::new(db.into_source(), base.page_size, base.high_water),
            base,
            base_page,
            buckets: BTreeMap::new(),
        })
    }

    /// The state the commit builds on.
    pub fn base(&self) -> &Meta {
        &self.base
    }

    /// The right end of a bucket, which is created when it is missing. Asking again goes on where
    /// the last tail of the bucket ended.
    pub fn tail(&mut self, bucket: &[u8]) -> Result<Tail<'_, F>, Error> {
        if !self.buckets.contains_key(bucket) {
            let (tree, sequence) = self.grow(bucket)?;
            let tree = Box::new(tree);
            let change = Change::Grows { tree, sequence };
            self.buckets.insert(bucket.to_vec(), change);
        }
        match self.buckets.get_mut(bucket) {
            Some(Change::Grows { tree, .. }) => Ok(Tail {
                tree,
                out: &mut self.out,
            }),
            _ => Err(Refusal::AlreadyChanged.of(bucket)),
        }
    }

    fn grow(&self, name: &[u8]) -> Result<(TreeWriter, u64), Error> {
        let db = Db::at(self.out.sink(), self.base.clone());
        let Some(bucket) = db.bucket(name)? else {
            return Ok((TreeWriter::new(name), 0));
        };
        let page_size = self.out.page_size();
        let tree = TreeWriter::beside(name, &mut bucket.cursor(), page_size)?;
        Ok((tree, bucket.header().sequence))
    }

    /// Gives a bucket this content and no other; its sequence stays. For small buckets.
    pub fn replace(
        &mut self,
        bucket: &[u8],
        content: &BTreeMap<Vec<u8>, Vec<u8>>,
    ) -> Result<(), Error> {
        let db = Db::at(self.out.sink(), self.base.clone());
        let old = db.bucket(bucket)?;
        let sequence = old.map_or(0, |bucket| bucket.header().sequence);
        let mut tree = TreeWriter::new(bucket);
        for (key, value) in content {
            tree.push(&mut self.out, key, value)?;
        }
        let entry = entry(tree.finish(&mut self.out)?, sequence);
        self.buckets
            .insert(bucket.to_vec(), Change::Replaced(entry));
        Ok(())
    }

    /// Removes a bucket, if it is there.
    pub fn remove_bucket(&mut self, bucket: &[u8]) {
        self.buckets.insert(bucket.to_vec(), Change::Removed);
    }

    /// Makes the new state the newest one; returns when it is on stable storage.
    ///
    /// The file then ends with its last page. When this fails or the machine stops, the file holds
    /// either the old state or the new one.
    pub fn commit(mut self) -> Result<Meta, Error> {
        let root = self.write_root()?;
        let (txid, page) = self.next_transaction()?;
        let meta = Meta {
            page_size: self.base.page_size,
            root,
            freelist: None,
            high_water: self.out.finish_pages()?,
            txid,
        };
        self.out.commit_meta(&meta.encode(page), page)?;
        Ok(meta)
    }

    fn write_root(&mut self) -> Result<BucketHeader, Error> {
        let mut entries = self.old_entries()?;
        for (name, change) in std::mem::take(&mut self.buckets) {
            match change {
                Change::Grows { tree, .. } if !tree.grown() && entries.contains_key(&name) => {}
                Change::Grows { tree, sequence } => {
                    entries.insert(name, entry(tree.finish(&mut self.out)?, sequence));
                }
                Change::Replaced(entry) => {
                    entries.insert(name, entry);
                }
                Change::Removed => {
                    entries.remove(&name);
                }
            }
        }
        let mut tree = TreeWriter::new(b"");
        for (name, entry) in &entries {
            tree.push_bucket(&mut self.out, name, entry)?;
        }
        Ok(BucketHeader {
            root: tree.finish_paged(&mut self.out)?,
            sequence: self.base.root.sequence,
        })
    }

    fn old_entries(&self) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, Error> {
        let db = Db::at(self.out.sink(), self.base.clone());
        let mut entries = BTreeMap::new();
        let mut cursor = Bucket::paged(&db, self.base.root).cursor();
        let mut index = 0;
        while let Some(entry) = cursor.next_raw()? {
            if !entry.is_bucket {
                return Err(db.corrupt(cursor.leaf_page(), Fault::NotABucket { index }));
            }
            entries.insert(entry.key.to_vec(), entry.value.to_vec());
            index += 1;
        }
        Ok(entries)
    }

    /// The next transaction id, and the meta page for it: the one that does not hold the base.
    ///
    /// bbolt writes transaction T to page T mod 2. A snapshot may have its newest state on the
    /// wrong page (`Tx.WriteTo` puts it on page 0 whatever its id), and then the id after it would
    /// be on the wrong page too, where bbolt's next commit overwrites it. One more id is skipped.
    fn next_transaction(&self) -> Result<(u64, PageId), Error> {
        let page = 1 - self.base_page;
        let step = if (self.base.txid ^ page) & 1 == 1 {
            1
        } else {
            2
        };
        let txid = self.base.txid.checked_add(step);
        let txid = txid.ok_or_else(|| Refusal::NoTransactionLeft(self.base.txid).of(b""))?;
        Ok((txid, page))
    }
}

impl<F: WriteAt> Tail<'_, F> {
    /// Adds an entry. Its key must come after all keys of the bucket.
    #[inline]
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.tree.push(self.out, key, value)
    }

    /// The last key of the bucket; empty when it has none.
    pub fn last_key(&self) -> &[u8] {
        self.tree.last_key()
    }
}
