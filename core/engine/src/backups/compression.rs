use std::io::{self, BufRead, Read};

use super::zip_archive::ZipReader;
use super::zstd::ZstdReader;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use weezl::{BitOrder, LzwStatus, decode};

/// How an object is compressed. Its name says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, suffix `.gz`.
    Gzip,
    /// zlib, suffix `.zlib`.
    Zlib,
    /// LZW as Go's `compress/lzw` writes it, least significant bit first, 8-bit literals; suffix
    /// `.Z`. Not the format of Unix compress, whose suffix it borrows.
    Lzw,
    /// zstd, suffix `.zst`. etcd-backup-restore cannot read it, and says so.
    Zstd,
    /// The one file of a zip archive, as k3s writes it. No object of a store is called so.
    Zip,
}

impl Compression {
    /// All that an object of a store may have.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Zlib, Self::Lzw, Self::Zstd];

    /// The end of the name, with its dot.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zlib => ".zlib",
            Self::Lzw => ".Z",
            Self::Zstd => ".zst",
            Self::Zip => ".zip",
        }
    }

    /// Its name in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "uncompressed",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Lzw => "LZW",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
        }
    }
}

/// The content of a compressed object. A stream that breaks off is an error, and so are bytes
/// after its end: a truncated object must never look like a short one. (LZW's decoder reads ahead
/// and swallows up to seven of those; the hash of the content is whole then.)
pub enum Decoder<R> {
    /// As it comes.
    None(R),
    /// gzip.
    Gzip(Box<MultiGzDecoder<R>>),
    /// zlib.
    Zlib(Box<ZlibDecoder<R>>),
    /// Go's LZW.
    Lzw(Box<LzwReader<R>>),
    /// zstd.
    Zstd(Box<ZstdReader<R>>),
    /// A zip archive.
    Zip(Box<ZipReader<R>>),
}

impl<R: BufRead> Decoder<R> {
    /// Decodes `source`.
    pub fn new(compression: Compression, source: R) -> Self {
        match compression {
            Compression::None => Self::None(source),
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(source))),
            Compression::Zlib => Self::Zlib(Box::new(ZlibDecoder::new(source))),
            Compression::Lzw => Self::Lzw(Box::new(LzwReader::new(source))),
            Compression::Zstd => Self::Zstd(Box::new(ZstdReader::new(source))),
            Compression::Zip => Self::Zip(Box::new(ZipReader::new(source))),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::None(source) => source.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Lzw(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
            Self::Zip(decoder) => decoder.read(buffer),
            Self::Zlib(decoder) => {
                let read = decoder.read(buffer)?;
                if read == 0 && !buffer.is_empty() && !decoder.get_mut().fill_buf()?.is_empty() {
                    return Err(damaged("trailing data after the zlib stream"));
                }
                Ok(read)
            }
        }
    }
}

/// Go's LZW as a reader.
pub struct LzwReader<R> {
    source: R,
    decoder: decode::Decoder,
    finished: bool,
}

impl<R: BufRead> LzwReader<R> {
    fn new(source: R) -> Self {
        let decoder = decode::Decoder::new(BitOrder::Lsb, 8);
        Self {
            source,
            decoder,
            finished: false,
        }
    }
}

impl<R: BufRead> Read for LzwReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.finished && !buffer.is_empty() {
            let input = self.source.fill_buf()?;
            let ended = input.is_empty();
            let step = self.decoder.decode_bytes(input, buffer);
            self.source.consume(step.consumed_in);
            match step.status {
                Ok(LzwStatus::Done) => {
                    self.finished = true;
                    if !self.source.fill_buf()?.is_empty() {
                        return Err(damaged("trailing data after the LZW stream"));
                    }
                }
                Ok(_) if step.consumed_out == 0 && ended => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the LZW stream breaks off before its end code",
                    ));
                }
                Ok(_) => {}
                Err(error) => return Err(damaged(&error.to_string())),
            }
            if step.consumed_out > 0 {
                return Ok(step.consumed_out);
            }
        }
        Ok(0)
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
