//! Whether a member and what shall take its place hold one history.
//!
//! Revisions are counted in every cluster alike: that a backup leads further than a member says
//! nothing while it may be of another cluster, or of a history that was left by a restore.

use std::fs::File;
use std::path::Path;

use bolt::{Db, ReadAt};
use etcd::data_dir::DB;
use etcd::mvcc::KeyValue;
use etcd::revision::Entry;
use etcd::schema::bucket;

/// Entries of the member that are looked for, newest first.
const LAST: usize = 1000;

/// What the last entries of a member say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// Some are in the restored database too, and none is missing or another.
    Same,
    /// At this revision the two differ.
    Other(i64),
    /// None could be compared: the member cannot be read, or all of it is compacted away.
    Unknown,
}

/// Compares the member in `data_dir` with `restored`, which was compacted at `compacted` (-1 for
/// never) and leads up to `reached`.
pub(crate) fn kinship<R: ReadAt>(
    data_dir: &Path,
    restored: &Db<R>,
    compacted: i64,
    reached: i64,
) -> Kinship {
    let Some(member) = File::open(data_dir.join(DB)).ok() else {
        return Kinship::Unknown;
    };
    let Ok(member) = Db::open(member) else {
        return Kinship::Unknown;
    };
    let mut found = Kinship::Unknown;
    // What cannot be read ends the search: the entries seen so far have their say.
    let _ = each_of_last(&member, |key, value| {
        let Ok(entry) = Entry::parse(key) else {
            return Ok(Flow::End);
        };
        let revision = entry.revision.main;
        if revision > reached {
            return Ok(Flow::On);
        }
        let same = match look_up(restored, key)? {
            Some(other) => Some(is_same(value, &other)),
            // It may have been compacted away.
            None if revision <= compacted => None,
            None => Some(false),
        };
        match same {
            Some(true) => found = Kinship::Same,
            Some(false) => {
                found = Kinship::Other(revision);
                return Ok(Flow::End);
            }
            None => {}
        }
        Ok(Flow::On)
    });
    found
}

#[derive(Debug, PartialEq, Eq)]
enum Flow {
    On,
    End,
}

fn each_of_last<R: ReadAt>(
    db: &Db<R>,
    mut each: impl FnMut(&[u8], &[u8]) -> Result<Flow, bolt::Error>,
) -> Result<(), bolt::Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(());
    };
    let mut cursor = keys.cursor();
    let mut next = cursor.last()?;
    for _ in 0..LAST {
        let Some((key, value)) = next else { break };
        if each(key, value)? == Flow::End {
            break;
        }
        next = cursor.prev()?;
    }
    Ok(())
}

fn look_up<R: ReadAt>(db: &Db<R>, key: &[u8]) -> Result<Option<Vec<u8>>, bolt::Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(None);
    };
    let mut cursor = keys.cursor();
    let found = cursor.seek(key)?.filter(|(found, _)| *found == key);
    Ok(found.map(|(_, value)| value.to_vec()))
}

/// Beside the lease, which the reference drops from deltas.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    match (KeyValue::decode(one), KeyValue::decode(other)) {
        (Ok(one), Ok(other)) => KeyValue { lease: 0, ..one } == KeyValue { lease: 0, ..other },
        _ => one == other,
    }
}
