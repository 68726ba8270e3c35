use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::ops::Range;

use futures::TryStreamExt;
use snapstore::{Error, ErrorKind, ObjectId, Snapstore};

/// An object of which the beginning and the end are there.
pub(super) struct Sparse {
    begin: Vec<u8>,
    end: Vec<u8>,
    size: u64,
    at: u64,
}

impl Sparse {
    /// So many bytes of either.
    pub(super) async fn read(
        store: &dyn Snapstore,
        object: &ObjectId,
        size: u64,
        piece: u64,
    ) -> snapstore::Result<Self> {
        let begin = range(store, object, 0..size.min(piece)).await?;
        let rest = size.saturating_sub(piece).max(piece)..size;
        let end = match rest.is_empty() {
            true => Vec::new(),
            false => range(store, object, rest).await?,
        };
        Ok(Self {
            begin,
            end,
            size,
            at: 0,
        })
    }

    fn end_at(&self) -> u64 {
        self.size - self.end.len() as u64
    }
}

async fn range(
    store: &dyn Snapstore,
    object: &ObjectId,
    range: Range<u64>,
) -> snapstore::Result<Vec<u8>> {
    let length = range.end - range.start;
    let download = store.get(object, Some(range)).await?;
    let mut body = download.body;
    let mut bytes = Vec::new();
    while let Some(piece) = body.try_next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > length {
            break;
        }
    }
    match bytes.len() as u64 == length {
        true => Ok(bytes),
        false => {
            let why = format!("{length} bytes were asked for, and {} came", bytes.len());
            Err(Error::new(ErrorKind::Unexpected, "get", why).with_key(&object.key))
        }
    }
}

impl BufRead for Sparse {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let (begin, end_at) = (self.begin.len() as u64, self.end_at());
        let of = |bytes: &'_ [u8], from: u64| {
            usize::try_from(from)
                .ok()
                .map_or(0..0, |from| from.min(bytes.len())..bytes.len())
        };
        if self.at < begin {
            return Ok(&self.begin[of(&self.begin, self.at)]);
        }
        match self.at >= end_at {
            true => Ok(&self.end[of(&self.end, self.at - end_at)]),
            false => Err(io::Error::other("the middle of the object was not read")),
        }
    }

    fn consume(&mut self, length: usize) {
        self.at += length as u64;
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
