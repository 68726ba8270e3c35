//! What is written, known before a byte of it is sent.

use bolt::{BulkWriter, Db, Forward, Meta};
use etcd::hash_kv;
use etcd::revision::{Entry, Kind};
use etcd::schema::bucket;
use etcd::store_state::Compacted;

use crate::history::as_compacted::Sums;
use crate::history::compacted::Kept;
use crate::history::output::Output;

/// A compacted database as it will come out.
#[derive(Debug)]
pub(super) struct Layout {
    kept: Kept,
    newest: Meta,
    /// Over the entries of its key bucket.
    pub(super) sums: Sums,
    /// What an etcd that starts on it answers to HashKV.
    pub(super) hash_kv: u32,
}

impl Layout {
    /// That of the database in `file`, compacted at `revision`, its last. `seed`: see `etcd::KeySet`.
    pub(super) fn of(file: &Output, revision: i64, seed: u64) -> Result<Self, etcd::Error> {
        let db = Db::open(file)?;
        let kept = Kept::of(&db, revision, seed)?;
        let mut sums = Sums {
            crc32c: 0,
            bytes: 0,
            entries: 0,
        };
        let mut hash_kv = crc32c::crc32c(bucket::KEY);
        let page_size = db.meta().page_size;
        let mut writer = BulkWriter::create(Forward::measuring(page_size), page_size)?;
        kept.write(&db, &mut writer, |key, value| {
            sums.crc32c = crc32c::crc32c_append(crc32c::crc32c_append(sums.crc32c, key), value);
            sums.bytes += (key.len() + value.len()) as u64;
            sums.entries += 1;
            // A tombstone of just the revision stays in the bucket, and in no HashKV.
            if Entry::parse(key).is_ok_and(|entry| entry.kind == Kind::Put) {
                hash_kv = crc32c::crc32c_append(crc32c::crc32c_append(hash_kv, key), value);
            }
        })?;
        let newest = writer.finish()?;
        Ok(Self {
            kept,
            newest,
            sums,
            hash_kv,
        })
    }

    /// Its length in bytes.
    pub(super) fn size(&self) -> u64 {
        self.newest.high_water * u64::from(self.newest.page_size)
    }

    /// Writes it, front to back.
    pub(super) fn write<W: std::io::Write>(&self, file: &Output, out: W) -> Result<W, bolt::Error> {
        let db = Db::open(file)?;
        let begun = Forward::along(&self.newest, out);
        let forward = begun.map_err(|source| bolt::Error::Io {
            doing: "write",
            offset: 0,
            len: 2 * self.newest.page_size as usize,
            source,
        })?;
        let mut writer = BulkWriter::create(&forward, self.newest.page_size)?;
        self.kept.write(&db, &mut writer, |_, _| {})?;
        writer.finish()?;
        Ok(forward.into_inner())
    }
}

/// What the database in `file`, read in the other direction, says that an etcd answers to HashKV on what a compaction at
/// `revision` leaves of it.
pub(super) fn hash_as_compacted(
    file: &Output,
    revision: i64,
    seed: u64,
) -> Result<u32, etcd::Error> {
    let db = Db::open(file)?;
    let marked = Compacted {
        scheduled: Some(revision),
        finished: None,
    };
    hash_kv::as_compacted(&db, revision, marked, seed)
}
