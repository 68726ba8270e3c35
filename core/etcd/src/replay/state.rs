use std::fmt;

use bolt::{Db, ReadAt};

use crate::hash_kv::{HashKv, Keep, Pending};
use crate::lease::Lease;
use crate::membership::StoredMember;
use crate::mvcc::{KeyValue, encode_tombstone};
use crate::revision::{Entry, Kind, Revision};
use crate::schema::bucket;
use crate::store_state::{AlarmMember, Compacted};
use crate::{Error, KeySet};

use super::auth::AuthStore;
use super::keyspace::Change;
use super::machine::Machine;
use super::source::Source;

/// What a member holds once its log is applied: its database with what the log adds. Nothing is
/// written, and of keys that the log does not touch nothing is held.
pub struct State<'a, D, W> {
    pub(super) source: Source<'a, D, W>,
    pub(super) machine: Machine,
}

impl<D, W> fmt::Debug for State<'_, D, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("revision", &self.machine.keyspace.revision())
            .field("applied", &self.machine.applied)
            .finish_non_exhaustive()
    }
}

impl<D: ReadAt, W: ReadAt> State<'_, D, W> {
    /// Main revision of the last change.
    pub fn revision(&self) -> i64 {
        self.machine.keyspace.revision()
    }

    /// What is compacted, or will be.
    pub fn compaction(&self) -> Compacted {
        self.machine.compacted
    }

    /// Index of the last entry applied.
    pub fn consistent_index(&self) -> u64 {
        self.machine.applied.0
    }

    /// Its term; 0 when the database did not record it and nothing followed.
    pub fn term(&self) -> u64 {
        self.machine.applied.1
    }

    /// All leases, by id. Times to live are as granted: etcd raises short ones to its own shortest,
    /// which follows from its election timeout.
    pub fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.machine.lessor.leases()
    }

    /// All raised alarms.
    pub fn alarms(&self) -> impl Iterator<Item = AlarmMember> + '_ {
        self.machine.alarms.raised()
    }

    /// All members, by id.
    pub fn members(&self) -> impl Iterator<Item = &StoredMember> {
        self.machine.membership.members()
    }

    /// Users and roles.
    pub fn auth(&self) -> &AuthStore {
        &self.machine.auth
    }

    /// Version that all members support.
    pub fn cluster_version(&self) -> Option<&str> {
        self.machine.cluster_version.as_deref()
    }

    /// Calls `each` with all that the `key` bucket would get, in its order: its key and its value.
    pub fn each_added(
        &self,
        mut each: impl FnMut(Entry, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut value = Vec::new();
        for change in self.machine.keyspace.changes() {
            value.clear();
            each(self.encode(change, &mut value)?, &value)?;
        }
        Ok(())
    }

    /// What the `key` bucket would get at this revision, if anything: its key and its value.
    pub fn added(&self, revision: Revision) -> Result<Option<(Entry, Vec<u8>)>, Error> {
        let changes = self.machine.keyspace.changes();
        let found = changes.binary_search_by_key(&revision, |change| change.revision);
        let Some(change) = found.ok().and_then(|at| changes.get(at)) else {
            return Ok(None);
        };
        let mut value = Vec::new();
        let entry = self.encode(change, &mut value)?;
        Ok(Some((entry, value)))
    }

    /// Calls `each` with every live key, the last written first. Reads the whole database, and
    /// holds 16 bytes of each of its keys. `seed`: see [`KeySet::with_seed`].
    pub fn each_live(&self, seed: u64, mut each: impl FnMut(&KeyValue<'_>)) -> Result<(), Error> {
        let mut seen = KeySet::with_seed(seed);
        let mut encoded = Vec::new();
        for change in self.machine.keyspace.changes().iter().rev() {
            if seen.insert(&change.key) && change.put.is_some() {
                encoded.clear();
                let entry = self.encode(change, &mut encoded)?;
                each(&decode(entry, &encoded)?);
            }
        }
        backwards(self.source.db, |entry, kv| {
            // An entry with no key only moves the revision on.
            if seen.insert(kv.key) && entry.kind == Kind::Put && !kv.key.is_empty() {
                each(kv);
            }
        })
    }

    /// What an etcd started on this answers to HashKV. Reads the database twice, and holds 16
    /// bytes of each of its keys.
    pub fn hash_kv(&self, seed: u64) -> Result<u32, Error> {
        let compacted = self.compaction().revision();
        let keep = match compacted {
            Some(compacted) => self.keep(compacted, seed)?,
            None => Keep::Everything,
        };
        let mut hash = HashKv::new(self.revision(), compacted, keep);
        if let Some(bucket) = self.source.db.bucket(bucket::KEY)? {
            let mut cursor = bucket.cursor();
            while let Some((key, value)) = cursor.next()? {
                hash.push(key, value)?;
            }
        }
        self.each_added(|entry, value| hash.push(&entry.to_bytes(), value))?;
        Ok(hash.finish())
    }

    /// Which compacted revisions are hashed.
    fn keep(&self, compacted: i64, seed: u64) -> Result<Keep, Error> {
        let mut pending = Pending::at(compacted, seed);
        for change in self.machine.keyspace.changes().iter().rev() {
            let entry = match change.put {
                Some(_) => Entry::put(change.revision),
                None => Entry::tombstone(change.revision),
            };
            pending.note(entry, &change.key);
        }
        backwards(self.source.db, |entry, kv| pending.note(entry, kv.key))?;
        Ok(pending.keep())
    }

    /// Appends the value of the entry that a change makes, and returns its key.
    fn encode(&self, change: &Change, value: &mut Vec<u8>) -> Result<Entry, Error> {
        let Some(live) = &change.put else {
            encode_tombstone(&change.key, value);
            return Ok(Entry::tombstone(change.revision));
        };
        let kv = KeyValue {
            key: &change.key,
            create_revision: live.create_revision,
            mod_revision: change.revision.main,
            version: live.version,
            value: &self.source.read(live.value)?,
            lease: live.lease,
        };
        kv.encode_put(value);
        Ok(Entry::put(change.revision))
    }
}

/// All entries of the `key` bucket, newest first.
fn backwards<D: ReadAt>(
    db: &Db<D>,
    mut each: impl FnMut(Entry, &KeyValue<'_>),
) -> Result<(), Error> {
    let Some(bucket) = db.bucket(bucket::KEY)? else {
        return Ok(());
    };
    let mut cursor = bucket.cursor();
    let mut next = cursor.last()?;
    while let Some((key, value)) = next {
        let entry = Entry::parse(key).map_err(|malformed| malformed.in_bucket(bucket::KEY, key))?;
        each(entry, &decode(entry, value)?);
        next = cursor.prev()?;
    }
    Ok(())
}

fn decode(entry: Entry, value: &[u8]) -> Result<KeyValue<'_>, Error> {
    KeyValue::decode(value).map_err(|malformed| malformed.in_bucket(bucket::KEY, &entry.to_bytes()))
}
