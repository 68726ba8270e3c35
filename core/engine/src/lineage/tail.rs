//! What a member wrote last: in its database, and after that in its log.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;

use bolt::{Db, ReadAt};
use etcd::data_dir::DB;
use etcd::mvcc::KeyValue;
use etcd::replay::{Answer, Servers, bounds};
use etcd::revision::Entry;
use etcd::schema::bucket;
use etcd::store_state::StoreState;
use etcd::wal::Log;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::replayed;

/// Entries that are looked at, newest first.
pub(super) const LAST: usize = 10_000;

/// An entry, with hashes for its key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) entry: Entry,
    pub(super) key: u128,
    pub(super) create_revision: i64,
    pub(super) version: i64,
    value: u128,
}

impl Written {
    /// Without the lease, which the reference drops from deltas. `None` when the value is none of
    /// etcd's.
    pub(super) fn of(entry: Entry, value: &[u8], seed: u64) -> Option<Self> {
        let kv = KeyValue::decode(value).ok()?;
        Some(Self {
            entry,
            key: xxh3_128_with_seed(kv.key, seed),
            create_revision: kv.create_revision,
            version: kv.version,
            value: xxh3_128_with_seed(kv.value, seed),
        })
    }
}

/// What a member wrote last.
#[derive(Debug)]
pub(super) struct Tail {
    /// Newest first, with no gap as far as the member is not compacted.
    pub(super) written: Vec<Written>,
    /// What the member is compacted at; -1 for never.
    pub(super) compacted: i64,
}

/// `None` when it cannot be told what the member wrote last. Of a damaged database the entries before
/// the damage are still compared.
pub(super) fn tail(data_dir: &Path, servers: Servers, seed: u64) -> Option<Tail> {
    let db = Db::open(File::open(data_dir.join(DB)).ok()?).ok()?;
    let state = StoreState::read(&db).ok()?;
    let compacted = state.compaction.revision().unwrap_or(-1);
    let mut written = match replayed::log(data_dir, state.consistent_index)? {
        Some(log) => in_log(&db, &log, servers, seed)?,
        None => VecDeque::new(),
    };
    // What cannot be read ends the search.
    let _ = in_database(&db, &mut written, seed);
    Some(Tail {
        written: written.into(),
        compacted,
    })
}

/// What the log adds to the database, newest first; `None` when that is not certain.
fn in_log(
    db: &Db<File>,
    log: &Log<File>,
    servers: Servers,
    seed: u64,
) -> Option<VecDeque<Written>> {
    let mut added = VecDeque::new();
    if matches!(bounds(db, log).ok()?, Answer::Exact(_)) {
        return Some(added);
    }
    let state = replayed::state(db, log, servers)?;
    let mut readable = true;
    let each = state.each_added(|entry, value| {
        match Written::of(entry, value, seed) {
            Some(written) => added.push_front(written),
            None => readable = false,
        }
        added.truncate(LAST);
        Ok(())
    });
    (each.is_ok() && readable).then_some(added)
}

/// The newest entries of a database alone, newest first.
pub(super) fn of_database<R: ReadAt>(
    db: &Db<R>,
    seed: u64,
) -> Result<VecDeque<Written>, bolt::Error> {
    let mut written = VecDeque::new();
    in_database(db, &mut written, seed)?;
    Ok(written)
}

fn in_database<R: ReadAt>(
    db: &Db<R>,
    written: &mut VecDeque<Written>,
    seed: u64,
) -> Result<(), bolt::Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(());
    };
    let mut cursor = keys.cursor();
    let mut next = cursor.last()?;
    while written.len() < LAST
        && let Some((key, value)) = next
    {
        let Some(found) = Entry::parse(key)
            .ok()
            .and_then(|entry| Written::of(entry, value, seed))
        else {
            break;
        };
        written.push_back(found);
        next = cursor.prev()?;
    }
    Ok(())
}

/// Keys whose newest entries must be found. Fewer may be alike in two histories by chance.
pub(super) const KEYS: usize = 3;

/// Whether the entry is there, and then whether it is the same.
pub(super) fn find<R: ReadAt>(
    db: &Db<R>,
    written: &Written,
    seed: u64,
) -> Result<Option<bool>, etcd::Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(None);
    };
    let key = written.entry.to_bytes();
    let mut cursor = keys.cursor();
    let found = cursor.seek(&key)?.filter(|(found, _)| **found == *key);
    Ok(found.map(|(_, value)| Written::of(written.entry, value, seed).as_ref() == Some(written)))
}
