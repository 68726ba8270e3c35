use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use anyhow::Result;
use bolt::Db;
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::bucket;
use etcd::store_state::StoreState;

use super::directory::Directory;

/// Whether the etcd that was killed has lost a live key to its own compaction, which the full still holds: one
/// that a transaction deleted and put again in just the revision that was compacted. Of its two entries the
/// first is kept, the tombstone, and the put is removed (seen of 3.6.16). What the log then does to the key
/// makes a revision after the full, and none in that etcd.
pub(super) fn is_lost_to_a_compaction(full: &Db<File>, killed: &Path) -> Result<bool> {
    let killed = Directory::open(killed)?.db;
    let Some(compacted) = StoreState::read(&killed)?.compaction.finished else {
        return Ok(false);
    };
    let (Some(before), Some(after)) = (full.bucket(bucket::KEY)?, killed.bucket(bucket::KEY)?)
    else {
        return Ok(false);
    };
    let mut deleted = BTreeSet::new();
    let mut cursor = before.cursor();
    let mut next = cursor.seek(&Revision::new(compacted, 0).to_bytes())?;
    while let Some((bytes, value)) = next {
        let entry = Entry::parse(bytes)?;
        if entry.revision.main != compacted {
            break;
        }
        let key = KeyValue::decode(value)?.key.to_vec();
        match entry.kind {
            Kind::Tombstone => drop(deleted.insert(key)),
            Kind::Put if deleted.contains(&key) && after.get(bytes)?.is_none() => return Ok(true),
            Kind::Put => {}
        }
        next = cursor.next()?;
    }
    Ok(false)
}
