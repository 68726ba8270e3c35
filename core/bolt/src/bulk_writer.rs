use crate::bucket::entry;
use crate::meta::{META_PAGE_LEN, is_page_size};
use crate::page::FREELIST;
use crate::page_writer::PageWriter;
use crate::tree_writer::TreeWriter;
use crate::{BucketHeader, Error, Meta, PageId, Refusal, WriteAt};

/// A meta page is on the page of its transaction id mod 2: these are for pages 0 and 1.
const TXIDS: [u64; 2] = [2, 1];

/// Writes a new database from front to back: full pages in key order, none free.
///
/// Buckets come in ascending order of their names, entries in ascending order of their keys. The
/// writer holds one page a level, whatever the size of the database. The freelist is kept, as an
/// empty one, which spares whoever opens the file the search for free pages.
///
/// The same calls give the same bytes.
pub struct BulkWriter<F> {
    out: PageWriter<F>,
    page_size: u32,
    root: TreeWriter,
    bucket: Option<(Vec<u8>, TreeWriter)>,
}

/// Both meta pages of a new database whose newest state this is, the older one first: the same state twice.
pub(crate) fn meta_pages(newest: &Meta) -> [(PageId, [u8; META_PAGE_LEN]); 2] {
    let [first, second] = TXIDS.map(|txid| Meta {
        txid,
        ..newest.clone()
    });
    [(1, second.encode(1)), (0, first.encode(0))]
}

impl<F: WriteAt> BulkWriter<F> {
    /// Starts a database in an empty file. Until [`finish`](BulkWriter::finish) it is none.
    ///
    /// `page_size` is in bytes, a power of two from 1 KiB; bbolt takes that of the machine, 4 KiB
    /// nearly everywhere, and opens any.
    pub fn create(file: F, page_size: u32) -> Result<BulkWriter<F>, Error> {
        if !is_page_size(page_size) {
            return Err(Refusal::PageSize(page_size).of(b""));
        }
        Ok(BulkWriter {
            out: PageWriter::new(file, page_size, 2),
            page_size,
            root: TreeWriter::new(b""),
            bucket: None,
        })
    }

    /// Ends the bucket before and starts the next one.
    pub fn bucket(&mut self, name: &[u8]) -> Result<(), Error> {
        self.end_bucket()?;
        self.root.check_entry(name, &[])?;
        self.bucket = Some((name.to_vec(), TreeWriter::new(name)));
        Ok(())
    }

    /// Adds an entry to the bucket started last.
    #[inline]
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        match &mut self.bucket {
            Some((_, tree)) => tree.push(&mut self.out, key, value),
            None => Err(Refusal::NoBucket.of(b"")),
        }
    }

    /// Completes the database; returns when it is on stable storage.
    pub fn finish(mut self) -> Result<Meta, Error> {
        self.end_bucket()?;
        let root = self.root.finish_paged(&mut self.out)?;
        let freelist = self.out.page(FREELIST, 0, &[], &[])?;
        let high_water = self.out.finish_pages()?;
        let newest = Meta {
            page_size: self.page_size,
            root: BucketHeader { root, sequence: 0 },
            freelist: Some(freelist),
            high_water,
            txid: TXIDS[0],
        };
        for (page, bytes) in meta_pages(&newest) {
            self.out.commit_meta(&bytes, page)?;
        }
        Ok(newest)
    }

    fn end_bucket(&mut self) -> Result<(), Error> {
        if let Some((name, tree)) = self.bucket.take() {
            let entry = entry(tree.finish(&mut self.out)?, 0);
            self.root.push_bucket(&mut self.out, &name, &entry)?;
        }
        Ok(())
    }
}
