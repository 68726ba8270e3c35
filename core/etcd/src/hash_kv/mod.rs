//! HashKV: the number by which etcds compare what they hold.
//!
//! A CRC-32C over the word "key" and then the raw keys and values of the `key` bucket, in
//! order, of those entries that
//!
//! 1. are not newer than the revision asked for;
//! 2. if the compact revision or older, are in Keep, unless Keep is empty. Keep holds, for
//!    each key live at *the revision asked for*, its newest put up to there;
//! 3. are no tombstone of just the compact revision (since 3.4.34 and 3.5.16; before, rule 2
//!    hides the same tombstone in all but an empty Keep).
//!
//! So two stores agree whatever either has physically compacted (server/storage/mvcc/hash.go), but where
//! Keep is empty: see [`Pending`].

mod database;
mod keep;
mod pending;

use crate::Error;
use crate::mvcc::KeyValue;
use crate::revision::{Entry, Kind};

pub use database::{Answer, Later, as_compacted, of_database};
pub use keep::{Flags, Keep};
pub use pending::Pending;

/// Hashes entries as they come by, in the order of the bucket.
#[derive(Debug)]
pub struct HashKv {
    crc: u32,
    revision: i64,
    compacted: i64,
    keep: Keep,
}

impl HashKv {
    /// The hash at `revision`, of a store compacted at `compacted`.
    pub fn new(revision: i64, compacted: Option<i64>, keep: Keep) -> Self {
        let compacted = compacted.unwrap_or(-1);
        Self {
            crc: crc32c::crc32c(crate::schema::bucket::KEY),
            revision,
            compacted,
            keep,
        }
    }

    /// Takes the next entry of the `key` bucket.
    #[inline]
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        let entry = parse_entry(key)?;
        let main = entry.revision.main;
        if main > self.revision || main <= self.compacted && !self.hashes_compacted(entry, value)? {
            return Ok(());
        }
        self.crc = crc32c::crc32c_append(self.crc, key);
        self.crc = crc32c::crc32c_append(self.crc, value);
        Ok(())
    }

    /// The hash over what was taken so far.
    pub fn so_far(&self) -> u32 {
        self.crc
    }

    /// The hash over what was taken.
    pub fn finish(self) -> u32 {
        self.crc
    }

    fn hashes_compacted(&mut self, entry: Entry, value: &[u8]) -> Result<bool, Error> {
        let kept = match &mut self.keep {
            Keep::Everything => true,
            Keep::Flagged(flags) => flags.pop(),
            Keep::Untouched(touched) => {
                entry.kind == Kind::Put && !touched.contains(key_of(entry, value)?)
            }
        };
        Ok(kept && !(entry.kind == Kind::Tombstone && entry.revision.main == self.compacted))
    }
}

fn parse_entry(key: &[u8]) -> Result<Entry, Error> {
    Entry::parse(key).map_err(|malformed| malformed.in_bucket(crate::schema::bucket::KEY, key))
}

/// The user key that an entry changed.
fn key_of(entry: Entry, value: &[u8]) -> Result<&[u8], Error> {
    let in_place = |malformed: crate::Malformed| {
        malformed.in_bucket(crate::schema::bucket::KEY, &entry.to_bytes())
    };
    Ok(KeyValue::decode(value).map_err(in_place)?.key)
}
