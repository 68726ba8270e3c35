//! What a history would be to an etcd that is compacted further than what it was folded from.

use std::collections::HashMap;

use bolt::{Db, ReadAt};
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::bucket;

use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::spool::Spool;
use crate::error::Error;

/// A database and the entries that follow on it.
pub(crate) struct Folded<'a, R, E> {
    pub(crate) db: &'a Db<R>,
    pub(crate) spool: &'a mut Spool<E>,
    pub(crate) seed: u64,
}

/// Which of the entries at the compact revision or before it count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Those of HashKV: the newest put of each key that is live at this revision; see `etcd::hash_kv`.
    HashKvAt(i64),
    /// Those that a compaction leaves in the bucket: the newest of each key then, if it is a put.
    Bucket,
    /// The same, and tombstones of just the compact revision, which etcd leaves since 3.4.34 and 3.5.16.
    BucketWithTombstones,
}

/// Sums over what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sums {
    /// CRC-32C over keys and values, begun with what the rule begins with.
    pub(crate) crc32c: u32,
    /// Bytes of them.
    pub(crate) bytes: u64,
    /// How many.
    pub(crate) entries: u64,
}

/// Why there are none.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The file cannot be read.
    System(Error),
    /// The database is none.
    Database(etcd::Error),
    /// No key is live: then HashKV depends on what was physically removed.
    NothingLive,
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::System(error)
    }
}

impl From<etcd::Error> for Wrong {
    fn from(error: etcd::Error) -> Self {
        Self::Database(error)
    }
}

impl From<bolt::Error> for Wrong {
    fn from(error: bolt::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The newest entry of each key.
type Newest = HashMap<u128, (Revision, Kind)>;

impl<R: ReadAt, E> Folded<'_, R, E> {
    /// The sums if it were compacted at `compacted`.
    pub(crate) fn sums(&mut self, compacted: Option<i64>, rule: Rule) -> Result<Sums, Wrong> {
        let compacted = compacted.unwrap_or(-1);
        let (begin, end, up_to) = match rule {
            Rule::HashKvAt(revision) => (crc32c::crc32c(bucket::KEY), revision, revision),
            Rule::Bucket | Rule::BucketWithTombstones => (0, i64::MAX, compacted),
        };
        let newest = self.newest(up_to)?;
        let is_hash = matches!(rule, Rule::HashKvAt(_));
        let is_live = |(_, kind): &(Revision, Kind)| *kind == Kind::Put;
        if is_hash && compacted > 0 && !newest.values().any(is_live) {
            return Err(Wrong::NothingLive);
        }
        let mut sums = Sums {
            crc32c: begin,
            bytes: 0,
            entries: 0,
        };
        let seed = self.seed;
        self.each(|entry, key, value| {
            let main = entry.revision.main;
            let counts = main <= end
                && (main > compacted || {
                    let known = newest.get(&hash_of(entry, value, seed)?);
                    let is_newest = known.is_some_and(|(newest, _)| *newest == entry.revision);
                    let is_kept = match entry.kind {
                        Kind::Put => true,
                        Kind::Tombstone => rule == Rule::BucketWithTombstones && main == compacted,
                    };
                    is_newest && is_kept
                });
            if counts {
                sums.crc32c = crc32c::crc32c_append(sums.crc32c, key);
                sums.crc32c = crc32c::crc32c_append(sums.crc32c, value);
                sums.bytes += (key.len() + value.len()) as u64;
                sums.entries += 1;
            }
            Ok(())
        })?;
        Ok(sums)
    }

    fn newest(&mut self, up_to: i64) -> Result<Newest, Wrong> {
        let (mut newest, seed) = (Newest::new(), self.seed);
        self.each(|entry, _, value| {
            if entry.revision.main <= up_to {
                newest.insert(hash_of(entry, value, seed)?, (entry.revision, entry.kind));
            }
            Ok(())
        })?;
        Ok(newest)
    }

    /// All entries, in order.
    fn each(
        &mut self,
        mut take: impl FnMut(Entry, &[u8], &[u8]) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let parsed = |key: &[u8]| {
            Entry::parse(key).map_err(|malformed| malformed.in_bucket(bucket::KEY, key))
        };
        if let Some(bucket) = self.db.bucket(bucket::KEY)? {
            let mut cursor = bucket.cursor();
            while let Some((key, value)) = cursor.next()? {
                take(parsed(key)?, key, value)?;
            }
        }
        self.spool.each(|key, value| take(parsed(key)?, key, value))
    }
}

/// What stands for the user's key.
fn hash_of(entry: Entry, value: &[u8], seed: u64) -> Result<u128, Wrong> {
    let decoded = KeyValue::decode(value);
    let decoded =
        decoded.map_err(|malformed| malformed.in_bucket(bucket::KEY, &entry.to_bytes()))?;
    Ok(xxh3_128_with_seed(decoded.key, seed))
}
