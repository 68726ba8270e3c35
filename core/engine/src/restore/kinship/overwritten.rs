//! What a compacted backup still tells of entries that it lacks.

use std::collections::{HashMap, HashSet};

use bolt::{Db, ReadAt};
use etcd::revision::{Entry, Kind, Revision};
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
    let from = Entry::put(Revision::new(first.revision.main, 0)).to_bytes();
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
    Ok(match search.differs() {
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
    /// up to the first entry behind it.
    keys: HashMap<u128, (i64, Vec<Written>)>,
    /// Entries of the backup that the member lacks, of which a later one must follow before the
    /// member's compaction.
    lacked: HashMap<u128, i64>,
    /// The newest revision that the member should hold, and does not.
    differs: Option<i64>,
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
            differs: None,
        }
    }

    /// The entries of the backup, in order.
    fn see(&mut self, found: Written) {
        let main = found.entry.revision.main;
        if main <= self.compacted {
            self.lacked.remove(&found.key);
        }
        if main <= self.newest && !self.held.contains(&found.entry) {
            if main <= self.compacted {
                self.lacked.insert(found.key, main);
            } else {
                self.differs = Some(main);
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

    /// At its compaction the member kept the newest entry of every live key.
    fn differs(&self) -> Option<i64> {
        self.differs.max(self.lacked.values().max().copied())
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
