use std::fmt;

use crate::PageId;

/// What is wrong with one page.
///
/// Part of [`Error::Corrupt`](crate::Error::Corrupt) and of a [`Finding`](crate::Finding), which
/// name the page. Element numbers count
/// from 0 within the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    #[error("its id is outside 2..{high_water}, the pages of this file")]
    OutsideFile { high_water: PageId },
    #[error("its header says it is page {found}")]
    WrongId { found: PageId },
    #[error("its flags {flags:#06x} are not those of a {expected} page")]
    WrongType { flags: u16, expected: &'static str },
    #[error("its {overflow} overflow pages pass the high water mark {high_water}")]
    OverflowOutsideFile { overflow: u32, high_water: PageId },
    #[error(
        "it claims {len} bytes with its overflow pages, and the most that is read of one page is {limit}"
    )]
    TooLong { len: u64, limit: u64 },
    #[error("its {count} elements do not fit in {room} bytes")]
    TooManyElements { count: usize, room: usize },
    #[error("it has no element, which only the root of an empty bucket may")]
    NoElement,
    #[error("element {index} reaches outside the page")]
    ElementOutsidePage { index: usize },
    #[error("its elements claim more bytes than the page has: they overlap")]
    ElementsOverlap,
    #[error("the key of element {index} has {len} bytes, not 1 to 32768")]
    KeyLength { index: usize, len: u32 },
    #[error("element {index} has the unknown flags {flags:#x}")]
    ElementFlags { index: usize, flags: u32 },
    #[error("key {key} of element {index} does not come after the key before it")]
    NotAscending { index: usize, key: HexKey },
    #[error("key {key} comes before the key its parent branch gives this page")]
    BelowParentKey { key: HexKey },
    #[error("key {key} does not come before the key its parent branch gives the next page")]
    ReachesNextParentKey { key: HexKey },
    #[error("it lies deeper than {limit} levels: the branches form a cycle")]
    TooDeep { limit: usize },
    #[error("the entry of bucket {name} has {len} bytes, which no bucket of its kind has")]
    BucketEntryLength { name: HexKey, len: usize },
    #[error("the page kept inside the entry of bucket {name}: {fault}")]
    Inline { name: HexKey, fault: Box<Fault> },
    #[error("entry {index} of the root bucket is not a bucket")]
    NotABucket { index: usize },
    #[error("it is reached a second time")]
    ReachedTwice,
    #[error("it is in use and also on the freelist")]
    UsedAndFree,
    #[error("it is neither in use nor on the freelist")]
    Lost,
    #[error("it is on the freelist twice")]
    FreeTwice,
    #[error("the freelist holds page {id}, outside 2..{high_water}")]
    FreeOutsideFile { id: PageId, high_water: PageId },
    #[error("the freelist claims {count} ids and has room for {room}")]
    FreelistTooLong { count: u64, room: u64 },
    #[error("its high water mark {high_water} is more than memory can account for")]
    TooManyPages { high_water: PageId },
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// A key for an error message: hexadecimal, cut after 48 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct HexKey {
    start: Vec<u8>,
    len: usize,
}

const SHOWN: usize = 48;

impl From<&[u8]> for HexKey {
    fn from(key: &[u8]) -> Self {
        HexKey {
            start: key.iter().copied().take(SHOWN).collect(),
            len: key.len(),
        }
    }
}

impl fmt::Display for HexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        for byte in &self.start {
            write!(f, "{byte:02x}")?;
        }
        if self.len > SHOWN {
            write!(f, ".. ({} bytes)", self.len)?;
        }
        Ok(())
    }
}

impl fmt::Debug for HexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
