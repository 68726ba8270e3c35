//! The restored database without its history: written anew, page after page.

use std::collections::BTreeMap;
use std::fs;

use bolt::{Bucket, BulkWriter, Db, ReadAt};
use etcd::compaction::{Compaction, Verdict};
use etcd::hash_kv;
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::{bucket, meta};
use etcd::store_state::Compacted;

use super::error::{Error, Result};
use crate::backups;
use crate::data_dir::create_file;
use crate::history::output::Output;
use crate::history::walk::Walk;

/// Compacts the database at `revision`, its last. Its length in bytes then, and its HashKV.
///
/// Both files exist for a while. The new one takes the name when it is complete and checked.
pub(crate) fn rewrite(walk: &Walk<'_>, revision: i64) -> Result<(u64, u32)> {
    let old = Db::open(walk.file).map_err(|error| walk.failed(error))?;
    let path = walk.path.with_extension("compacted");
    let file = Output::new(create_file(&path).map_err(Error::io("create", &path))?)?;
    let compacted = Walk {
        file: &file,
        path: &path,
        ..*walk
    };
    let wrong = backups::Error::of_file;
    let kept =
        survivors(&old, revision, walk.session.seed).map_err(|error| wrong(walk.path, error))?;
    copy(&old, &file, &kept, revision).map_err(|error| compacted.failed(error))?;
    let new = Db::open(&file).map_err(|error| compacted.failed(error))?;
    let mut report = new.check();
    if let Some(error) = report.take_io_failure() {
        return Err(wrong(&path, error.into()).into());
    }
    if !report.is_clean() {
        return Err(Error::FailedCheck(report.to_string()));
    }
    let answer =
        hash_kv::of_database(&new, None, walk.session.seed).map_err(|error| wrong(&path, error))?;
    let marked = Compacted {
        scheduled: Some(revision),
        finished: None,
    };
    let meant = hash_kv::as_compacted(&old, revision, marked, walk.session.seed)
        .map_err(|error| wrong(walk.path, error))?;
    if answer.hash != meant {
        let what = "the compacted database does not hash as the one it was made from";
        return Err(Error::FailedCheck(what.into()));
    }
    fs::rename(&path, walk.path).map_err(Error::io("rename", &path))?;
    Ok((new.logical_size(), answer.hash))
}

/// One bit an entry, oldest first.
struct Kept {
    bits: Vec<u64>,
    entries: usize,
}

impl Kept {
    fn has(&self, entry: usize) -> bool {
        // Bits were noted from the newest entry on.
        let at = self.entries - 1 - entry;
        self.bits
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}

/// Which entries a compaction at the last revision leaves: seen from the newest to the oldest.
///
/// Where no key is live that is none. A tombstone of just that revision stays in an etcd since 3.4.34 and
/// 3.5.16, which pass over it in HashKV; older ones remove it, and would hash it, since for them nothing
/// hides it but a live key (server/storage/mvcc/hash.go, `WriteKeyValue`). Without it all answer alike.
fn survivors<R: ReadAt>(db: &Db<R>, revision: i64, seed: u64) -> Result<Kept, etcd::Error> {
    let mut kept = Kept {
        bits: Vec::new(),
        entries: 0,
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

fn copy(old: &Db<&Output>, file: &Output, kept: &Kept, revision: i64) -> Result<(), bolt::Error> {
    let mut writer = BulkWriter::create(file, old.meta().page_size)?;
    for name in old.bucket_names()? {
        writer.bucket(&name)?;
        let Some(bucket) = old.bucket(&name)? else {
            continue;
        };
        if name == bucket::META {
            for (key, value) in marked(&bucket, revision)? {
                writer.push(&key, &value)?;
            }
            continue;
        }
        let all = name != bucket::KEY;
        let mut cursor = bucket.cursor();
        let mut entry = 0;
        while let Some((key, value)) = cursor.next()? {
            if all || kept.has(entry) {
                writer.push(key, value)?;
            }
            entry += 1;
        }
    }
    writer.finish().map(drop)
}

/// The meta bucket with both marks of a compaction that began and ended.
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
