use crate::page::{HEADER_LEN, header};
use crate::{Error, PageId, WriteAt};

/// One write. Large enough that its system call does not show, small enough to stay in cache.
const WINDOW: usize = 1 << 20;

/// Writes new pages one after the other, each at the next page id.
pub(crate) struct PageWriter<W> {
    sink: W,
    page_size: usize,
    next: PageId,
    window: Vec<u8>,
    /// Of the window, in the file.
    offset: u64,
    /// A write failed, so pages may be missing below ones that were promised.
    failed: bool,
}

impl<W: WriteAt> PageWriter<W> {
    /// `first` is the id the first page gets; what the file holds from there on is overwritten.
    pub(crate) fn new(sink: W, page_size: u32, first: PageId) -> PageWriter<W> {
        PageWriter {
            sink,
            page_size: page_size as usize,
            next: first,
            window: Vec::new(),
            offset: first.saturating_mul(u64::from(page_size)),
            failed: false,
        }
    }

    pub(crate) fn page_size(&self) -> usize {
        self.page_size
    }

    pub(crate) fn sink(&self) -> &W {
        &self.sink
    }

    /// Writes a page of a header, a table of elements and their data, with as many overflow pages
    /// as that needs.
    pub(crate) fn page(
        &mut self,
        flags: u16,
        count: u16,
        table: &[u8],
        data: &[u8],
    ) -> Result<PageId, Error> {
        let id = self.next;
        let len = HEADER_LEN + table.len() + data.len();
        let pages = len.div_ceil(self.page_size);
        let overflow = u32::try_from(pages - 1);
        let overflow = overflow.map_err(|_| Error::OutOfMemory {
            page: id,
            len: len as u64,
        })?;
        self.put(&header(id, flags, count, overflow))?;
        self.put(table)?;
        self.put(data)?;
        let padding = pages * self.page_size - len;
        self.window.resize(self.window.len() + padding, 0);
        self.next += pages as u64;
        if self.window.len() >= WINDOW {
            self.flush()?;
        }
        Ok(id)
    }

    /// Writes what is buffered and cuts the file after the last page; returns the high water mark.
    pub(crate) fn finish_pages(&mut self) -> Result<PageId, Error> {
        self.flush()?;
        if self.failed {
            return Err(Error::Abandoned);
        }
        let len = self.offset;
        let done = self.sink.set_len(len).and_then(|()| self.sink.sync());
        self.note(done, "set the length and sync, at", len, 0)?;
        Ok(self.next)
    }

    /// Writes a meta page and waits until it is on stable storage.
    pub(crate) fn commit_meta(&mut self, meta: &[u8], page: PageId) -> Result<(), Error> {
        let offset = page * self.page_size as u64;
        let done = self.sink.write_all_at(meta, offset);
        let done = done.and_then(|()| self.sink.sync());
        self.note(done, "write and sync", offset, meta.len())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() < WINDOW {
            self.window.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush()?;
        self.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Error> {
        let mut window = std::mem::take(&mut self.window);
        let done = match window.is_empty() {
            true => Ok(()),
            false => self.write(&window),
        };
        window.clear();
        self.window = window;
        done
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.failed {
            return Err(Error::Abandoned);
        }
        let start = self.offset;
        let end = start + bytes.len() as u64;
        let done = self.sink.write_all_at(bytes, start);
        let done = done.and_then(|()| self.sink.written(start..end));
        self.note(done, "write", start, bytes.len())?;
        self.offset = end;
        Ok(())
    }

    fn note(
        &mut self,
        done: std::io::Result<()>,
        doing: &'static str,
        offset: u64,
        len: usize,
    ) -> Result<(), Error> {
        done.map_err(|source| {
            self.failed = true;
            Error::Io {
                doing,
                offset,
                len,
                source,
            }
        })
    }
}
