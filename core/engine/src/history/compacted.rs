//! A database without its history, written anew page after page: what a compaction at its last revision leaves.

use std::collections::BTreeMap;

use bolt::{Bucket, BulkWriter, Db, ReadAt, WriteAt};
use etcd::compaction::{Compaction, Verdict};
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::{bucket, meta};

/// Which entries a compaction leaves: one bit an entry, oldest first.
#[derive(Debug)]
pub(crate) struct Kept {
    bits: Vec<u64>,
    entries: usize,
    revision: i64,
}

impl Kept {
    /// Those that a compaction of `db` at `revision`, its last, leaves: seen from the newest to the oldest.
    ///
    /// Where no key is live that is none. A tombstone of just that revision stays in an etcd since 3.4.34 and
    /// 3.5.16, which pass over it in HashKV; older ones remove it, and would hash it, since for them nothing
    /// hides it but a live key (server/storage/mvcc/hash.go, `WriteKeyValue`). Without it all answer alike.
    pub(crate) fn of<R: ReadAt>(db: &Db<R>, revision: i64, seed: u64) -> Result<Self, etcd::Error> {
        let mut kept = Self {
            bits: Vec::new(),
            entries: 0,
            revision,
        };
        let Some(keys) = db.bucket(bucket::KEY)? else {
            return Ok(kept);
        };
        let mut compaction = Compaction::at(revision, seed);
        let mut some_live = false;
        let mut cursor = keys.cursor();
        let mut item = cursor.last()?;
        while let Some((key, value)) = item {
            let in_bucket = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
            let entry = Entry::parse(key).map_err(in_bucket)?;
            let user_key = KeyValue::decode(value).map_err(in_bucket)?.key;
            let keep = compaction.decide(entry, user_key) == Verdict::Keep;
            some_live |= keep && entry.kind == Kind::Put;
            if kept.entries.is_multiple_of(64) {
                kept.bits.push(0);
            }
            if let Some(word) = kept.bits.last_mut() {
                *word |= u64::from(keep) << (kept.entries % 64);
            }
            kept.entries += 1;
            item = cursor.prev()?;
        }
        if !some_live {
            kept.bits.fill(0);
        }
        Ok(kept)
    }

    fn has(&self, entry: usize) -> bool {
        // Bits were noted from the newest entry on.
        let at = self.entries - 1 - entry;
        self.bits
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Writes all of `old` but what goes, with the marks of a compaction that began and ended. `seen` is told each entry
    /// of the key bucket that stays.
    pub(crate) fn write<R: ReadAt, F: WriteAt>(
        &self,
        old: &Db<R>,
        writer: &mut BulkWriter<F>,
        mut seen: impl FnMut(&[u8], &[u8]),
    ) -> Result<(), bolt::Error> {
        for name in old.bucket_names()? {
            writer.bucket(&name)?;
            let Some(bucket) = old.bucket(&name)? else {
                continue;
            };
            if name == bucket::META {
                for (key, value) in marked(&bucket, self.revision)? {
                    writer.push(&key, &value)?;
                }
                continue;
            }
            let is_of_keys = name == bucket::KEY;
            let mut cursor = bucket.cursor();
            let mut entry = 0;
            while let Some((key, value)) = cursor.next()? {
                if !is_of_keys {
                    writer.push(key, value)?;
                } else if self.has(entry) {
                    writer.push(key, value)?;
                    seen(key, value);
                }
                entry += 1;
            }
        }
        Ok(())
    }
}

/// The meta bucket with both marks.
fn marked<R: ReadAt>(
    bucket: &Bucket<'_, R>,
    revision: i64,
) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, bolt::Error> {
    let mut marks = BTreeMap::new();
    let mut cursor = bucket.cursor();
    while let Some((key, value)) = cursor.next()? {
        marks.insert(key.to_vec(), value.to_vec());
    }
    for mark in [meta::SCHEDULED_COMPACTION, meta::FINISHED_COMPACTION] {
        marks.insert(
            mark.to_vec(),
            Revision::new(revision, 0).to_bytes().to_vec(),
        );
    }
    Ok(marks)
}
