use std::io;

use crate::{Fault, HexKey, MetaFault, PageId};

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
    /// What was to be written breaks a rule of the format. Nothing was written for it, and the
    /// writer can go on.
    #[error("cannot write to bucket {}: {refusal}", .bucket.escape_ascii())]
    Refused { bucket: Vec<u8>, refusal: Refusal },
    /// An earlier write failed, so the file has a hole and is not committed. The state it had
    /// before is untouched: start again from there.
    #[error("an earlier write to this database failed: nothing was committed")]
    Abandoned,
}

/// A rule of the format that a writer would have broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("a key has {len} bytes, not 1 to 32768")]
    KeyLength { len: usize },
    #[error("the value of key {key} has {len} bytes, more than 2147483646")]
    ValueLength { key: HexKey, len: usize },
    #[error("key {key} does not come after {last}, the last one")]
    NotAscending { key: HexKey, last: HexKey },
    #[error("the bucket was replaced or removed in the same commit")]
    AlreadyChanged,
    #[error("no bucket was started")]
    NoBucket,
    #[error("the page size {0} is not a power of two from 1024 to 33554432")]
    PageSize(u32),
    #[error("the last transaction has the id {0}, there is none after it")]
    NoTransactionLeft(u64),
}

impl Refusal {
    pub(crate) fn of(self, bucket: &[u8]) -> Error {
        Error::Refused {
            bucket: bucket.to_vec(),
            refusal: self,
        }
    }
}
