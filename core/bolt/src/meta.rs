use crate::PageId;
use crate::field::{u32_at, u64_at};
use crate::page::{HEADER_LEN, META, header};

/// Page header and meta, the bytes a meta page uses.
pub(crate) const META_PAGE_LEN: usize = HEADER_LEN + 64;
pub(crate) const MAGIC: u32 = 0xED0C_DAED;
pub(crate) const VERSION: u32 = 2;
/// "The freelist is not stored": etcd on Linux opens its database with NoFreelistSync.
pub(crate) const NO_FREELIST: PageId = PageId::MAX;

/// bbolt looks for the second meta page at these page sizes when the first one is damaged.
pub(crate) const MIN_PAGE_SIZE: u32 = 1024;
pub(crate) const MAX_PAGE_SIZE: u32 = 1024 << 15;

/// Where the tree of a bucket starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketHeader {
    /// The root page; 0 for a bucket kept inside its entry.
    pub root: PageId,
    /// bbolt's per-bucket counter. etcd does not use it; writers preserve it.
    pub sequence: u64,
}

/// One state of the database: the meta page of a committed transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Bytes, a power of two from 1 KiB to 32 MiB.
    pub page_size: u32,
    /// The bucket whose entries are the named buckets.
    pub root: BucketHeader,
    /// The page that lists the free pages; `None` when the file does not keep the list, and every
    /// page that cannot be reached is free.
    pub freelist: Option<PageId>,
    /// Pages from this one on are not in use, whatever the length of the file.
    pub high_water: PageId,
    /// The transaction that wrote this state.
    pub txid: u64,
}

/// Why a meta page is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetaFault {
    #[error("the file ends before it")]
    Missing,
    #[error("its magic number is {0:#010x}, not {MAGIC:#010x}")]
    Magic(u32),
    #[error("its format version is {0}, not {VERSION}")]
    Version(u32),
    #[error("its checksum is {found:#018x}, its bytes give {computed:#018x}")]
    Checksum { found: u64, computed: u64 },
    #[error("its page size {0} is not a power of two from 1024 to 33554432")]
    PageSize(u32),
    #[error("its page size {found} is not {expected}, where the page was found")]
    OtherPageSize { found: u32, expected: u32 },
    #[error("its {field} page {page} is outside 2..{high_water}")]
    OutsideFile {
        field: &'static str,
        page: PageId,
        high_water: PageId,
    },
    #[error("its high water mark {0} leaves no page for data, or more than a file can hold")]
    HighWater(PageId),
}

impl Meta {
    /// Reads the meta of a meta page, given with its page header.
    pub(crate) fn parse(page: &[u8]) -> Result<Meta, MetaFault> {
        let body = page
            .get(HEADER_LEN..META_PAGE_LEN)
            .ok_or(MetaFault::Missing)?;
        let (magic, version) = (u32_at(body, 0), u32_at(body, 4));
        if magic != MAGIC {
            return Err(MetaFault::Magic(magic));
        }
        if version != VERSION {
            return Err(MetaFault::Version(version));
        }
        let (found, computed) = (u64_at(body, 56), checksum(&body[..56]));
        if found != computed {
            return Err(MetaFault::Checksum { found, computed });
        }
        let freelist = u64_at(body, 32);
        let meta = Meta {
            page_size: u32_at(body, 8),
            root: BucketHeader {
                root: u64_at(body, 16),
                sequence: u64_at(body, 24),
            },
            freelist: (freelist != NO_FREELIST).then_some(freelist),
            high_water: u64_at(body, 40),
            txid: u64_at(body, 48),
        };
        meta.check_fields()?;
        Ok(meta)
    }

    /// The bytes of meta page `page`, 0 or 1.
    pub(crate) fn encode(&self, page: PageId) -> [u8; META_PAGE_LEN] {
        let mut bytes = [0; META_PAGE_LEN];
        let (head, body) = bytes.split_at_mut(HEADER_LEN);
        head.copy_from_slice(&header(page, META, 0, 0));
        body[..4].copy_from_slice(&MAGIC.to_le_bytes());
        body[4..8].copy_from_slice(&VERSION.to_le_bytes());
        body[8..12].copy_from_slice(&self.page_size.to_le_bytes());
        let words = [
            self.root.root,
            self.root.sequence,
            self.freelist.unwrap_or(NO_FREELIST),
            self.high_water,
            self.txid,
        ];
        for (word, field) in words.iter().zip(body[16..56].chunks_exact_mut(8)) {
            field.copy_from_slice(&word.to_le_bytes());
        }
        let sum = checksum(&body[..56]);
        body[56..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn check_fields(&self) -> Result<(), MetaFault> {
        let size = self.page_size;
        if !is_page_size(size) {
            return Err(MetaFault::PageSize(size));
        }
        let high_water = self.high_water;
        if high_water < 3 || high_water.checked_mul(u64::from(size)).is_none() {
            return Err(MetaFault::HighWater(high_water));
        }
        for (field, page) in [("root", Some(self.root.root)), ("freelist", self.freelist)] {
            if let Some(page) = page.filter(|page| !(2..high_water).contains(page)) {
                return Err(MetaFault::OutsideFile {
                    field,
                    page,
                    high_water,
                });
            }
        }
        Ok(())
    }
}

pub(crate) fn is_page_size(size: u32) -> bool {
    size.is_power_of_two() && (MIN_PAGE_SIZE..=MAX_PAGE_SIZE).contains(&size)
}

/// FNV-1a, 64 bits.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of FNV-1a 64 from the authors' page, draft-eastlake-fnv.
    #[test]
    fn checksum_is_fnv_1a() {
        assert_eq!(checksum(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(checksum(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(checksum(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
