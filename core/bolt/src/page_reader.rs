use crate::db::Db;
use crate::page::{BRANCH, HEADER_LEN, Header};
use crate::{Error, Fault, PageId, ReadAt};

/// One read of a sequential walk. Larger blocks gain nothing from the page cache and cost the
/// processor's.
const MAX_AHEAD: usize = 256 << 10;

/// The longest page that is read, in bytes, with its overflow. bbolt keeps up to four items on one page
/// whatever their size (node.go, `splitTwo`, `minKeysPerPage`); etcd takes requests of 1.5 MiB and warns
/// whoever allows more than 10 MiB. A page claims its length itself: without a limit a file that
/// unfolds from 2 MB is read into memory at once.
const LONGEST: u64 = 96 << 20;

/// The same of a branch, which holds keys alone, of 32 KiB each at most.
const LONGEST_BRANCH: u64 = 1 << 20;

/// Reads whole pages (with their overflow), ahead of a reader that walks in file order.
///
/// A jump reads one page; each further read near the last one doubles what is read, in either
/// direction. So point lookups stay small and scans need one system call per block.
pub(crate) struct PageReader {
    window: Vec<u8>,
    /// Bytes of `window` that hold the file from `start` on.
    filled: usize,
    start: u64,
    ahead: usize,
    page: std::ops::Range<usize>,
}

impl PageReader {
    pub(crate) fn new() -> PageReader {
        PageReader {
            window: Vec::new(),
            filled: 0,
            start: 0,
            ahead: 0,
            page: 0..0,
        }
    }

    /// The page read last.
    pub(crate) fn current(&self) -> &[u8] {
        self.window.get(self.page.clone()).unwrap_or_default()
    }

    /// Reads the header of page `id` and checks that the page lies in the file.
    pub(crate) fn header<R: ReadAt>(&mut self, db: &Db<R>, id: PageId) -> Result<Header, Error> {
        let high_water = db.meta().high_water;
        if !(2..high_water).contains(&id) {
            return Err(db.corrupt(id, Fault::OutsideFile { high_water }));
        }
        self.page = 0..0;
        let page_size = db.meta().page_size as usize;
        let at = self.load(db, id, page_size)?;
        let header = Header::parse(&self.window[at..at + HEADER_LEN]);
        if header.id != id {
            return Err(db.corrupt(id, Fault::WrongId { found: header.id }));
        }
        let overflow = header.overflow;
        if u64::from(overflow) >= high_water - id {
            let fault = Fault::OverflowOutsideFile {
                overflow,
                high_water,
            };
            return Err(db.corrupt(id, fault));
        }
        let len = (u64::from(overflow) + 1) * u64::from(db.meta().page_size);
        let limit = match header.flags {
            BRANCH => LONGEST_BRANCH,
            _ => LONGEST,
        };
        if len > limit {
            return Err(db.corrupt(id, Fault::TooLong { len, limit }));
        }
        Ok(header)
    }

    /// Reads page `id` with its overflow pages. The header is checked, the elements are not.
    pub(crate) fn read<R: ReadAt>(&mut self, db: &Db<R>, id: PageId) -> Result<&[u8], Error> {
        let header = self.header(db, id)?;
        let len = (u64::from(header.overflow) + 1) * u64::from(db.meta().page_size);
        let len = usize::try_from(len).map_err(|_| Error::OutOfMemory { page: id, len })?;
        let at = self.load(db, id, len)?;
        self.page = at..at + len;
        Ok(self.current())
    }

    /// Makes the window hold `len` bytes from the start of `page`; returns where in it they start.
    fn load<R: ReadAt>(&mut self, db: &Db<R>, page: PageId, len: usize) -> Result<usize, Error> {
        let offset = db.offset(page);
        let end = self.start + self.filled as u64;
        if offset >= self.start && offset + len as u64 <= end {
            return Ok(usize::try_from(offset - self.start).unwrap_or(usize::MAX));
        }
        let near = MAX_AHEAD as u64;
        let forward = offset >= self.start && offset <= end + near;
        let backward = offset < self.start && self.start - offset <= near;
        self.ahead = if forward || backward {
            (self.ahead * 2).clamp(len, MAX_AHEAD.max(len))
        } else {
            len
        };
        let (from, to) = if backward {
            let to = self.start.max(offset + len as u64);
            (offset.min(to.saturating_sub(self.ahead as u64)), to)
        } else {
            (offset, offset + self.ahead as u64)
        };
        self.fill(db, page, from, to.min(db.logical_size()))?;
        Ok(usize::try_from(offset - from).unwrap_or(usize::MAX))
    }

    fn fill<R: ReadAt>(
        &mut self,
        db: &Db<R>,
        page: PageId,
        from: u64,
        to: u64,
    ) -> Result<(), Error> {
        let too_large = |_| Error::OutOfMemory {
            page,
            len: to - from,
        };
        let len = usize::try_from(to - from).map_err(|_| too_large(()))?;
        self.filled = 0;
        if self.window.len() < len {
            self.window.clear();
            self.window
                .try_reserve_exact(len)
                .map_err(|_| too_large(()))?;
            self.window.resize(len, 0);
        }
        db.read(&mut self.window[..len], from)?;
        self.start = from;
        self.filled = len;
        Ok(())
    }
}
