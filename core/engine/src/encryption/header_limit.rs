use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// The longest header that is read, in bytes: that of [`MOST`](super::recipients::MOST) recipients fits into it, and one line without
/// an end would take all memory there is.
pub(super) const LONGEST: usize = 32 << 10;

/// What begins with a header of age, which must end in time.
pub(super) struct HeaderLimit<R> {
    source: R,
    /// Bytes of the header that may still come; `None` after its end.
    left: Option<usize>,
}

impl<R> HeaderLimit<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            left: Some(LONGEST),
        }
    }
}

impl<R: BufRead> BufRead for HeaderLimit<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let buffer = self.source.fill_buf()?;
        match self.left {
            Some(0) if !buffer.is_empty() => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its header is longer than 32 KiB",
            )),
            Some(left) => Ok(&buffer[..buffer.len().min(left)]),
            None => Ok(buffer),
        }
    }

    fn consume(&mut self, length: usize) {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(length);
        }
        self.source.consume(length);
    }
}

impl<R: BufRead> Read for HeaderLimit<R> {
    /// The crate reads the header line by line out of the buffer, and the rest through this: 16 bytes of a nonce, and then
    /// the content.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.left = None;
        self.source.read(buffer)
    }
}

impl<R: Seek> Seek for HeaderLimit<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}
