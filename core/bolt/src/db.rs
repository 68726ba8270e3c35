use crate::meta::{META_PAGE_LEN, MIN_PAGE_SIZE};
use crate::{Error, Fault, Meta, MetaFault, PageId, ReadAt};

/// A database file open for reading, at the state of its newest valid meta page.
pub struct Db<R> {
    source: R,
    meta: Meta,
    meta_page: PageId,
    other: Result<Meta, MetaFault>,
}

impl<R: ReadAt> Db<R> {
    /// Opens the state with the larger transaction id, or the other one when that is damaged.
    ///
    /// The file may be longer than its pages, as a live database is; a shorter one is
    /// [`Error::Truncated`]. A trailing hash of a snapshot needs no care here: it lies after the
    /// pages. Only the meta pages are read.
    pub fn open(source: R) -> Result<Db<R>, Error> {
        let size = source.size().map_err(|source| Error::Io {
            doing: "learn the size, to read",
            offset: 0,
            len: 0,
            source,
        })?;
        let (meta0, meta1) = read_metas(&source, size)?;
        let (meta_page, meta, other) = match (meta0, meta1) {
            (Ok(meta0), Ok(meta1)) if meta1.txid > meta0.txid => (1, meta1, Ok(meta0)),
            (Ok(meta0), meta1) => (0, meta0, meta1),
            (Err(fault), Ok(meta1)) => (1, meta1, Err(fault)),
            (Err(meta0), Err(meta1)) => return Err(Error::NoMeta { meta0, meta1 }),
        };
        let db = Db {
            source,
            meta,
            meta_page,
            other,
        };
        if size < db.logical_size() {
            return Err(Error::Truncated {
                size,
                high_water: db.meta.high_water,
                page_size: db.meta.page_size,
            });
        }
        Ok(db)
    }

    /// The state `meta` of a file, which was opened before.
    pub(crate) fn at(source: R, meta: Meta) -> Db<R> {
        Db {
            source,
            meta,
            meta_page: 0,
            other: Err(MetaFault::Missing),
        }
    }

    /// The state that is read.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The meta page that was not chosen: the state before this one, or why it cannot be read.
    ///
    /// A writer that died while it wrote a meta page leaves it damaged; the database is then whole
    /// but at the older state.
    pub fn other_meta(&self) -> Result<&Meta, &MetaFault> {
        self.other.as_ref()
    }

    /// The page of [`meta`](Db::meta), 0 or 1.
    pub fn meta_page(&self) -> PageId {
        self.meta_page
    }

    /// The bytes in use: all pages below the high water mark. What the file holds after them is
    /// not part of the database.
    pub fn logical_size(&self) -> u64 {
        // Meta::parse refuses a product that overflows.
        self.meta.high_water * u64::from(self.meta.page_size)
    }

    /// The source the database was opened on.
    pub fn into_source(self) -> R {
        self.source
    }

    pub(crate) fn offset(&self, page: PageId) -> u64 {
        page.saturating_mul(u64::from(self.meta.page_size))
    }

    pub(crate) fn corrupt(&self, page: PageId, fault: Fault) -> Error {
        Error::Corrupt {
            page,
            offset: self.offset(page),
            fault,
        }
    }

    pub(crate) fn read(&self, buf: &mut [u8], offset: u64) -> Result<(), Error> {
        read(&self.source, buf, offset)
    }
}

fn read<R: ReadAt>(source: &R, buf: &mut [u8], offset: u64) -> Result<(), Error> {
    source
        .read_exact_at(buf, offset)
        .map_err(|source| Error::Io {
            doing: "read",
            offset,
            len: buf.len(),
            source,
        })
}

type MetaRead = Result<Meta, MetaFault>;

/// Only meta 0 has a fixed place. When it is damaged the page size is unknown, and meta 1 is
/// wherever one is found that names the page size of its own place.
fn read_metas<R: ReadAt>(source: &R, size: u64) -> Result<(MetaRead, MetaRead), Error> {
    let meta0 = read_meta(source, size, 0)?;
    if let Ok(meta) = &meta0 {
        let meta1 = read_second_meta(source, size, meta.page_size)?;
        return Ok((meta0, meta1));
    }
    let mut first_fault = MetaFault::Missing;
    for shift in 0..16 {
        match read_second_meta(source, size, MIN_PAGE_SIZE << shift)? {
            Ok(meta) => return Ok((meta0, Ok(meta))),
            Err(MetaFault::Magic(_) | MetaFault::Missing) => {}
            Err(fault) => first_fault = fault,
        }
    }
    Ok((meta0, Err(first_fault)))
}

fn read_second_meta<R: ReadAt>(source: &R, size: u64, page_size: u32) -> Result<MetaRead, Error> {
    let meta = read_meta(source, size, u64::from(page_size))?;
    Ok(meta.and_then(|meta| {
        if meta.page_size != page_size {
            return Err(MetaFault::OtherPageSize {
                found: meta.page_size,
                expected: page_size,
            });
        }
        Ok(meta)
    }))
}

fn read_meta<R: ReadAt>(source: &R, size: u64, offset: u64) -> Result<MetaRead, Error> {
    if size < offset + META_PAGE_LEN as u64 {
        return Ok(Err(MetaFault::Missing));
    }
    let mut page = [0; META_PAGE_LEN];
    read(source, &mut page, offset)?;
    Ok(Meta::parse(&page))
}
