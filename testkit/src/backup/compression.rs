#![expect(clippy::expect_used, reason = "writing to memory does not fail")]

use std::io::Write;

use flate2::write::{GzEncoder, ZlibEncoder};
use weezl::BitOrder;

/// How an object is compressed; its suffix says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// zlib.
    Zlib,
    /// That of Go's `compress/lzw`, least significant bit first, 8-bit literals.
    Lzw,
    /// zstd, which etcd-backup-restore does not have.
    Zstd,
}

impl Compression {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Zlib, Self::Lzw, Self::Zstd];

    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zlib => ".zlib",
            Self::Lzw => ".Z",
            Self::Zstd => ".zst",
        }
    }
}

/// The bytes of an object with this content.
pub fn compress(compression: Compression, content: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::default();
    let in_memory = "writing to memory does not fail";
    match compression {
        Compression::None => content.to_vec(),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(content).expect(in_memory);
            encoder.finish().expect(in_memory)
        }
        Compression::Zlib => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(content).expect(in_memory);
            encoder.finish().expect(in_memory)
        }
        Compression::Lzw => weezl::encode::Encoder::new(BitOrder::Lsb, 8)
            .encode(content)
            .expect(in_memory),
        Compression::Zstd => zstd::encode_all(content, 0).expect(in_memory),
    }
}
