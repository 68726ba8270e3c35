use std::cell::RefCell;
use std::io::{self, Sink, Write};
use std::ops::Range;

use crate::bulk_writer::meta_pages;
use crate::{Meta, WriteAt};

/// Takes what a [`BulkWriter`](crate::BulkWriter) writes as one stream, front to back: for what cannot go back, as an upload.
///
/// The meta pages stand first and are known last. So a database is written twice: once into nothing
/// ([`measuring`](Forward::measuring)), which tells its newest state, and once more ([`along`](Forward::along)) with that
/// at the front. Whatever comes out otherwise the second time is an error of that write.
#[derive(Debug)]
pub struct Forward<W>(RefCell<Stream<W>>);

#[derive(Debug)]
struct Stream<W> {
    out: W,
    /// Where the next byte goes.
    at: u64,
    /// Bytes before the first page that is no meta page.
    head_len: u64,
    /// What was written there; `None` while it is measured.
    head: Option<Vec<u8>>,
}

impl Forward<Sink> {
    /// Goes nowhere: for the first of the two times.
    pub fn measuring(page_size: u32) -> Self {
        let head_len = 2 * u64::from(page_size);
        Self(RefCell::new(Stream {
            out: io::sink(),
            at: head_len,
            head_len,
            head: None,
        }))
    }
}

impl<W: Write> Forward<W> {
    /// Writes the meta pages of the state that was measured, and takes the pages that lead to it.
    pub fn along(newest: &Meta, mut out: W) -> io::Result<Self> {
        let page_size = newest.page_size as usize;
        let mut head = vec![0; 2 * page_size];
        for (page, bytes) in meta_pages(newest) {
            let start = usize::try_from(page).map_err(io::Error::other)? * page_size;
            if let Some(place) = head.get_mut(start..start + bytes.len()) {
                place.copy_from_slice(&bytes);
            }
        }
        out.write_all(&head)?;
        Ok(Self(RefCell::new(Stream {
            out,
            at: head.len() as u64,
            head_len: head.len() as u64,
            head: Some(head),
        })))
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.0.into_inner().out
    }
}

impl<W: Write> WriteAt for Forward<W> {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let mut stream = self.0.try_borrow_mut().map_err(io::Error::other)?;
        if offset == stream.at {
            stream.out.write_all(buf)?;
            stream.at += buf.len() as u64;
            return Ok(());
        }
        let is_head = offset.saturating_add(buf.len() as u64) <= stream.head_len;
        let Some(head) = stream.head.as_ref().filter(|_| is_head) else {
            return match is_head {
                true => Ok(()),
                false => Err(otherwise()),
            };
        };
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        match head.get(start..start + buf.len()) == Some(buf) {
            true => Ok(()),
            false => Err(otherwise()),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let stream = self.0.try_borrow().map_err(io::Error::other)?;
        match len == stream.at {
            true => Ok(()),
            false => Err(otherwise()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        let mut stream = self.0.try_borrow_mut().map_err(io::Error::other)?;
        stream.out.flush()
    }

    fn written(&self, _range: Range<u64>) -> io::Result<()> {
        Ok(())
    }
}

fn otherwise() -> io::Error {
    io::Error::other("the database came out otherwise the second time it was written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BulkWriter, Error};
    use std::sync::RwLock;

    const PAGE: u32 = 4096;

    /// Some buckets, one inline and one of `entries` entries with values from inline to overflow.
    fn fill<F: WriteAt>(out: F, entries: u32) -> Result<Meta, Error> {
        let mut writer = BulkWriter::create(out, PAGE)?;
        writer.bucket(b"a")?;
        writer.push(b"small", b"value")?;
        writer.bucket(b"key")?;
        for number in 0..entries {
            let value = vec![7; (number as usize * 37) % 9000];
            writer.push(&number.to_be_bytes(), &value)?;
        }
        writer.finish()
    }

    #[test]
    fn a_stream_has_the_bytes_of_the_file() {
        for entries in [0, 1, 7, 3000] {
            let file = RwLock::new(Vec::new());
            let meta = fill(&file, entries).unwrap();
            let measured = fill(Forward::measuring(PAGE), entries).unwrap();
            assert_eq!(measured, meta);
            let stream = Forward::along(&measured, Vec::new()).unwrap();
            assert_eq!(fill(&stream, entries).unwrap(), meta);
            let mut file = file.into_inner().unwrap();
            // Between the meta pages and what they leave of theirs.
            file.resize(file.len().next_multiple_of(PAGE as usize), 0);
            assert_eq!(stream.into_inner(), file, "{entries}");
        }
    }

    /// The front says where everything is: with other pages after it the stream would be no database.
    #[test]
    fn what_comes_out_otherwise_the_second_time_is_an_error() {
        let measured = fill(Forward::measuring(PAGE), 3000).unwrap();
        for entries in [0, 2999, 3001] {
            let stream = Forward::along(&measured, Vec::new()).unwrap();
            let error = fill(&stream, entries).unwrap_err();
            assert!(error.to_string().contains("otherwise"), "{error}");
        }
    }

    #[test]
    fn a_stream_that_takes_no_more_is_an_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let measured = fill(Forward::measuring(PAGE), 10).unwrap();
        let refused = Forward::along(&measured, Full).err();
        assert_eq!(refused.unwrap().kind(), io::ErrorKind::BrokenPipe);
    }
}
