use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use bolt::{Db, ReadAt};

use crate::Error;
use crate::mvcc::KeyValue;
use crate::revision::{Entry, Kind, Revision};
use crate::schema::bucket;

use super::footprint::Footprint;
use super::key::Key;
use super::kv_request::Keys;

/// What each key costs besides its bytes: nodes of two maps, and the pointers to it.
const OVERHEAD: usize = 160;

/// The live keys that the log touches, and what it did to them.
///
/// Of a database of any size only those keys are held; of values nothing but their places.
#[derive(Debug, Default)]
pub(super) struct Keyspace {
    live: BTreeMap<Key, Live>,
    changes: Vec<Change>,
    revision: i64,
    /// Changes of the transaction that goes on.
    pending: i64,
    held: usize,
}

/// The newest version of a live key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Live {
    pub(super) create_revision: i64,
    pub(super) modified: Revision,
    pub(super) version: i64,
    pub(super) lease: i64,
    pub(super) value: ValueAt,
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueAt {
    /// In the database, with the put of this revision.
    Database(Revision),
    /// In the data of an entry of the log.
    Log { entry: u64, offset: u32, len: u32 },
}

/// One entry that the `key` bucket would get.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) revision: Revision,
    pub(super) key: Key,
    /// `None` for a tombstone.
    pub(super) put: Option<Live>,
}

/// The keys do not fit.
#[derive(Debug)]
pub(super) struct TooMany;

impl Keyspace {
    /// Reads those keys of `db` that the log touches: one pass over all revisions.
    pub(super) fn read<D: ReadAt>(
        db: &Db<D>,
        revision: i64,
        footprint: &Footprint,
        limit: usize,
    ) -> Result<Result<Self, TooMany>, Error> {
        let mut keyspace = Self {
            revision,
            held: footprint.held(),
            ..Self::default()
        };
        let mut live: HashMap<Key, Live> = HashMap::new();
        let bucket = db.bucket(bucket::KEY)?.filter(|_| !footprint.is_empty());
        if let Some(bucket) = bucket {
            let mut cursor = bucket.cursor();
            while let Some((key, value)) = cursor.next()? {
                let place = |malformed: crate::Malformed| malformed.in_bucket(bucket::KEY, key);
                let entry = Entry::parse(key).map_err(place)?;
                let kv = KeyValue::decode(value).map_err(place)?;
                let known = live.contains_key(kv.key);
                if !known && !footprint.touches(kv.key, kv.lease) {
                    continue;
                }
                match entry.kind {
                    Kind::Tombstone => {
                        if live.remove(kv.key).is_some() {
                            keyspace.held -= kv.key.len() + OVERHEAD;
                        }
                    }
                    Kind::Put if known => {
                        if let Some(known) = live.get_mut(kv.key) {
                            *known = Live::of(entry.revision, &kv);
                        }
                    }
                    Kind::Put => {
                        keyspace.held += kv.key.len() + OVERHEAD;
                        live.insert(kv.key.into(), Live::of(entry.revision, &kv));
                    }
                }
                if keyspace.held > limit {
                    return Ok(Err(TooMany));
                }
            }
        }
        keyspace.live = live.into_iter().collect();
        Ok(Ok(keyspace))
    }

    /// Main revision of the last transaction that ended.
    pub(super) fn revision(&self) -> i64 {
        self.revision
    }

    /// About how many bytes this holds.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&Live> {
        self.live.get(key)
    }

    /// The live keys among these, in order.
    pub(super) fn range<'k>(
        &'k self,
        keys: Keys<'_>,
    ) -> Box<dyn Iterator<Item = (&'k Key, &'k Live)> + 'k> {
        let upper = match keys.end {
            [] => return Box::new(self.live.get_key_value(keys.key).into_iter()),
            [0] => Bound::Unbounded,
            end if end <= keys.key => return Box::new(std::iter::empty()),
            end => Bound::Excluded(end),
        };
        Box::new(
            self.live
                .range::<[u8], _>((Bound::Included(keys.key), upper)),
        )
    }

    /// All that were live in the database or put since, in order.
    pub(super) fn live(&self) -> impl Iterator<Item = (&Key, &Live)> {
        self.live.iter()
    }

    /// What the `key` bucket would get, in its order.
    pub(super) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Puts a key, as the next change of the transaction that goes on.
    pub(super) fn put(&mut self, key: &[u8], lease: i64, value: ValueAt) -> Key {
        let revision = self.next();
        let (key, before) = match self.live.get_key_value(key) {
            Some((key, live)) => (key.clone(), Some(live)),
            None => (Key::from(key), None),
        };
        let live = Live {
            create_revision: before.map_or(revision.main, |live| live.create_revision),
            // Go's numbers wrap around, those of a hostile database too.
            version: before.map_or(0, |live| live.version).wrapping_add(1),
            modified: revision,
            lease,
            value,
        };
        self.held += OVERHEAD + if before.is_none() { key.len() } else { 0 };
        self.changes.push(Change {
            revision,
            key: key.clone(),
            put: Some(live.clone()),
        });
        self.live.insert(key.clone(), live);
        key
    }

    /// Deletes the live keys among these, in order, and returns them.
    pub(super) fn delete(&mut self, keys: Keys<'_>) -> Vec<Key> {
        let deleted: Vec<Key> = self.range(keys).map(|(key, _)| key.clone()).collect();
        for key in &deleted {
            let revision = self.next();
            self.live.remove(key);
            self.held += OVERHEAD;
            self.changes.push(Change {
                revision,
                key: key.clone(),
                put: None,
            });
        }
        deleted
    }

    /// Ends the transaction: with a revision of its own if it changed anything.
    pub(super) fn commit(&mut self) {
        if std::mem::take(&mut self.pending) > 0 {
            self.revision += 1;
        }
    }

    fn next(&mut self) -> Revision {
        let revision = Revision::new(self.revision + 1, self.pending);
        self.pending += 1;
        revision
    }
}

impl Live {
    fn of(revision: Revision, kv: &KeyValue<'_>) -> Self {
        Self {
            create_revision: kv.create_revision,
            modified: revision,
            version: kv.version,
            lease: kv.lease,
            value: ValueAt::Database(revision),
        }
    }
}
