//! What a compacted backup still tells of entries that it lacks.

use std::collections::{HashMap, HashSet};

use bolt::{Db, ReadAt};
use etcd::revision::{Entry, Kind};
use etcd::schema::bucket;

use super::tail::{Tail, Written};

/// What is left of an entry of the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// The entry itself.
    Found,
    /// A later version of its key that goes on from it, or that it was deleted.
    Overwritten,
    /// Nothing: the key was deleted since, or is of the member alone.
    Gone,
}

/// What is left of the entries that are `missing` in `restored`, or the newest revision at which it
/// differs from the member. Reads what was restored from the first of them on.
pub(super) fn traces<R: ReadAt>(
    restored: &Db<R>,
    tail: &Tail,
    missing: &[Written],
    seed: u64,
) -> Result<Result<HashMap<Entry, Trace>, i64>, etcd::Error> {
    let Some(first) = missing.iter().map(|written| written.entry).min() else {
        return Ok(Ok(HashMap::new()));
    };
    let mut search = Search::new(tail, missing);
    let from = first.to_bytes();
    if let Some(keys) = restored.bucket(bucket::KEY)? {
        let mut cursor = keys.cursor();
        let mut next = cursor.seek(&from)?;
        while let Some((key, value)) = next {
            let malformed = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
            let entry = Entry::parse(key).map_err(malformed)?;
            if let Some(found) = Written::of(entry, value, seed) {
                search.see(found);
            }
            next = cursor.next()?;
        }
    }
    let traces = missing.iter().map(|written| {
        let trace = trace(written, search.of_key(written));
        trace.map(|trace| (written.entry, trace))
    });
    let traces: Result<HashMap<_, _>, i64> = traces.collect();
    Ok(match search.newest_difference() {
        Some(revision) => Err(revision),
        None => traces,
    })
}

struct Search {
    /// All entries of the member that are compared, its newest revision, and what it is compacted at.
    held: HashSet<Entry>,
    newest: i64,
    compacted: i64,
    /// Of each key with an entry that is missing: the newest such revision, and what the backup holds
    /// up to the first entry after it.
    keys: HashMap<u128, (i64, Vec<Written>)>,
    /// Entries of the backup that the member lacks, of which a later one must follow before the
    /// member's compaction.
    lacked: HashMap<u128, i64>,
    /// The newest revision of the backup that the member should hold, and lacks.
    newest_lacked: Option<i64>,
}

impl Search {
    fn new(tail: &Tail, missing: &[Written]) -> Self {
        let mut keys: HashMap<_, (i64, Vec<Written>)> = HashMap::new();
        for written in missing {
            let main = written.entry.revision.main;
            let of_key = keys.entry(written.key).or_default();
            of_key.0 = of_key.0.max(main);
        }
        Self {
            held: tail.written.iter().map(|written| written.entry).collect(),
            newest: tail
                .written
                .first()
                .map_or(0, |written| written.entry.revision.main),
            compacted: tail.compacted,
            keys,
            lacked: HashMap::new(),
            newest_lacked: None,
        }
    }

    /// The entries of the backup, in order.
    fn see(&mut self, found: Written) {
        let main = found.entry.revision.main;
        if main <= self.compacted {
            self.lacked.remove(&found.key);
        }
        if main <= self.newest && !self.held.contains(&found.entry) {
            match found.entry.kind {
                _ if main > self.compacted => self.newest_lacked = Some(main),
                Kind::Put => drop(self.lacked.insert(found.key, main)),
                // A compaction leaves nothing of it.
                Kind::Tombstone => {}
            }
        }
        if let Some((newest, seen)) = self.keys.get_mut(&found.key) {
            let is_passed = |last: &Written| last.entry.revision.main > *newest;
            if !seen.last().is_some_and(is_passed) {
                seen.push(found);
            }
        }
    }

    fn of_key(&self, written: &Written) -> &[Written] {
        self.keys
            .get(&written.key)
            .map_or(&[], |(_, seen)| seen.as_slice())
    }

    /// The newest revision at which the two differ: one that the member lacks. At its compaction it kept the newest
    /// entry of every live key.
    fn newest_difference(&self) -> Option<i64> {
        self.newest_lacked.max(self.lacked.values().max().copied())
    }
}

/// What is left of an entry in a history that holds `of_key` of its key, in order; or the revision at
/// which it contradicts. A compaction keeps the last put of a live key and removes all before it.
fn trace(missing: &Written, of_key: &[Written]) -> Result<Trace, i64> {
    let main = missing.entry.revision.main;
    let at = of_key.partition_point(|seen| seen.entry.revision.main <= main);
    if at > 0 {
        return Err(main);
    }
    let Some(next) = of_key.first() else {
        return Ok(match missing.entry.kind {
            Kind::Put => Trace::Gone,
            Kind::Tombstone => Trace::Overwritten,
        });
    };
    match (missing.entry.kind, next.entry.kind) {
        (Kind::Put, Kind::Put) if next.create_revision > main => Ok(Trace::Gone),
        (Kind::Put, Kind::Put) => {
            let puts = next.version.saturating_sub(missing.version);
            let fits = next.create_revision == missing.create_revision
                && (1..=next.entry.revision.main - main).contains(&puts);
            fits.then_some(Trace::Overwritten).ok_or(main)
        }
        (Kind::Tombstone, Kind::Put) if next.create_revision <= main => Err(main),
        (_, Kind::Tombstone) | (Kind::Tombstone, Kind::Put) => Ok(Trace::Overwritten),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etcd::mvcc::{KeyValue, encode_tombstone};
    use etcd::revision::Revision;

    /// A put at `main` of the key's `version` since `created`; a delete of version 0.
    fn written(main: i64, created: i64, version: i64) -> Written {
        let kv = KeyValue {
            key: b"k",
            create_revision: created,
            mod_revision: main,
            version,
            ..KeyValue::default()
        };
        let (revision, mut value) = (Revision::new(main, 0), Vec::new());
        let entry = match version {
            0 => {
                encode_tombstone(kv.key, &mut value);
                Entry::tombstone(revision)
            }
            _ => {
                kv.encode_put(&mut value);
                Entry::put(revision)
            }
        };
        Written::of(entry, &value, 3).unwrap()
    }

    #[test]
    fn a_later_version_goes_on_from_the_one_that_is_missing() {
        let missing = written(10, 4, 3);
        let left = |of_key: &[Written]| trace(&missing, of_key);
        assert_eq!(left(&[written(20, 4, 9)]), Ok(Trace::Overwritten));
        assert_eq!(left(&[written(20, 0, 0)]), Ok(Trace::Overwritten));
        // Deleted and recreated, or never there.
        assert_eq!(left(&[written(20, 15, 1)]), Ok(Trace::Gone));
        assert_eq!(left(&[]), Ok(Trace::Gone));
        for other in [(20, 5, 9), (20, 4, 3), (20, 4, 14), (9, 4, 2)] {
            let other = written(other.0, other.1, other.2);
            assert_eq!(left(&[other]), Err(10), "{other:?}");
        }
    }

    #[test]
    fn what_was_deleted_is_not_there() {
        let missing = written(10, 0, 0);
        let left = |of_key: &[Written]| trace(&missing, of_key);
        assert_eq!(left(&[]), Ok(Trace::Overwritten));
        assert_eq!(left(&[written(20, 15, 1)]), Ok(Trace::Overwritten));
        assert_eq!(left(&[written(20, 4, 5)]), Err(10));
    }

    #[test]
    fn what_the_member_lacks_was_compacted_there_or_is_of_another_history() {
        let differs = |compacted, found: &[Written]| {
            let tail = Tail {
                written: vec![written(30, 30, 1)],
                compacted,
            };
            let mut search = Search::new(&tail, &[]);
            found.iter().for_each(|found| search.see(*found));
            search.newest_difference()
        };
        let put = written(10, 10, 1);
        assert_eq!(differs(-1, &[put]), Some(10));
        assert_eq!(differs(20, &[put]), Some(10));
        assert_eq!(differs(20, &[put, written(15, 0, 0)]), None);
        assert_eq!(differs(20, &[put, written(25, 0, 0)]), Some(25));
        assert_eq!(differs(20, &[written(30, 30, 1), written(40, 30, 2)]), None);
    }
}
