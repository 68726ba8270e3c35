//! The one file of a zip archive, as it comes: k3s and RKE2 write such with `--etcd-snapshot-compress`. An archive is
//! read to its end, its directory too, so that one that was cut, or that holds two files, is never taken for whole
//! (APPNOTE.TXT 6.3.10; decision 0033).

use std::io::{self, BufRead, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::zip_directory::read_to_end;
use super::zip_header::{
    LOCAL, LocalHeader, Packing, Written, broken_off, damaged, descriptor, signature, skip,
};

/// The content of the one file.
pub struct ZipReader<R> {
    state: State<R>,
}

enum State<R> {
    Begin(R),
    Content(Box<Content<R>>),
    Ended,
}

struct Content<R> {
    header: LocalHeader,
    body: Body<R>,
    crc: Crc,
    unpacked: u64,
}

enum Body<R> {
    Deflated(DeflateDecoder<R>),
    AsIs(io::Take<R>),
}

impl<R: BufRead> ZipReader<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            state: State::Begin(source),
        }
    }
}

impl<R: BufRead> Read for ZipReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(0),
                State::Begin(source) => self.state = State::Content(Box::new(begin(source)?)),
                State::Content(mut content) => {
                    let read = content.read(buffer)?;
                    if read == 0 && !buffer.is_empty() {
                        content.end()?;
                        return Ok(0);
                    }
                    self.state = State::Content(content);
                    return Ok(read);
                }
            }
        }
    }
}

/// Reads up to the content of the first file; directories before it hold nothing.
fn begin<R: BufRead>(mut source: R) -> io::Result<Content<R>> {
    let header = loop {
        match signature(&mut source)? {
            LOCAL => {}
            _ => return Err(damaged("it holds no file")),
        }
        let header = LocalHeader::read(&mut source)?;
        match header.of_directory() {
            Some(length) => skip(&mut source, length)?,
            None => break header,
        }
    };
    let body = match header.packing {
        Packing::Deflate => Body::Deflated(DeflateDecoder::new(source)),
        Packing::AsIs(length) => Body::AsIs(source.take(length)),
    };
    Ok(Content {
        header,
        body,
        crc: Crc::new(),
        unpacked: 0,
    })
}

impl<R: BufRead> Content<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.body {
            Body::Deflated(body) => body.read(buffer).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => broken_off(),
                _ => error,
            }),
            Body::AsIs(body) => body.read(buffer),
        }?;
        self.crc.update(&buffer[..read]);
        self.unpacked += read as u64;
        Ok(read)
    }

    /// Compares with what the archive says of it, before or after it and in its directory.
    fn end(self) -> io::Result<()> {
        let (packed, mut source) = match self.body {
            Body::Deflated(body) => (body.total_in(), body.into_inner()),
            Body::AsIs(body) => (self.unpacked, body.into_inner()),
        };
        if source.fill_buf()?.is_empty() {
            return Err(broken_off());
        }
        let found = Written {
            crc: self.crc.sum(),
            packed,
            unpacked: self.unpacked,
        };
        let told = match self.header.told {
            Some(told) => told,
            None => descriptor(&mut source, found)?,
        };
        if told != found {
            return Err(damaged("its content is not the one whose checksum it has"));
        }
        read_to_end(&mut source, found)
    }
}

#[cfg(test)]
#[path = "zip_archive_tests.rs"]
mod tests;
