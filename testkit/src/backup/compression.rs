use std::io::Write;

use anyhow::Result;
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
}

impl Compression {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Gzip, Self::Zlib, Self::Lzw];

    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zlib => ".zlib",
            Self::Lzw => ".Z",
        }
    }

    pub(super) fn encode(self, content: &[u8]) -> Result<Vec<u8>> {
        let level = flate2::Compression::fast();
        Ok(match self {
            Self::None => content.to_vec(),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(content)?;
                encoder.finish()?
            }
            Self::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(content)?;
                encoder.finish()?
            }
            Self::Lzw => weezl::encode::Encoder::new(BitOrder::Lsb, 8).encode(content)?,
        })
    }
}
