use std::io;

use crate::{Fault, MetaFault, PageId};

/// Why a database could not be read or written.
///
/// The variants follow what a caller does: [`Io`](Error::Io) may pass when the disk is mended,
/// every other one is about the bytes of the file, and no retry changes those.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("cannot {doing} {len} bytes at offset {offset}: {source}")]
    Io {
        doing: &'static str,
        offset: u64,
        len: usize,
        source: io::Error,
    },
    /// Neither meta page is valid, so this is no bbolt file, or its first pages are lost.
    #[error(
        "not a bbolt database, or its first pages are damaged: meta 0: {meta0}; meta 1: {meta1}"
    )]
    NoMeta { meta0: MetaFault, meta1: MetaFault },
    #[error(
        "the file is cut off: it has {size} bytes and its {high_water} pages of {page_size} need more"
    )]
    Truncated {
        size: u64,
        high_water: PageId,
        page_size: u32,
    },
    #[error("page {page} (offset {offset}) is corrupt: {fault}")]
    Corrupt {
        page: PageId,
        /// Of the page, in bytes from the start of the file.
        offset: u64,
        fault: Fault,
    },
    /// A page or a value of this length does not fit in memory.
    #[error("cannot hold {len} bytes of page {page} in memory")]
    OutOfMemory { page: PageId, len: u64 },
}
