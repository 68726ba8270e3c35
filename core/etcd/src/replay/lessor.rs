use std::collections::{BTreeMap, BTreeSet, HashMap};

use bolt::{Db, ReadAt};

use crate::lease::{LONGEST_TTL, Lease};
use crate::{Error, store_state};

use super::answer::Reason;
use super::key::Key;
use super::keyspace::Keyspace;

/// Leases, and the keys that hang on them (server/lease/lessor.go). Time does not pass here.
#[derive(Debug, Default)]
pub(super) struct Lessor {
    leases: BTreeMap<i64, Lease>,
    /// Granted with a negative id, and in the database: etcds differ whether they find them.
    doubtful: BTreeSet<i64>,
    keys: HashMap<i64, BTreeSet<Key>>,
    lease_of: HashMap<Key, i64>,
}

const DOUBTFUL: Reason = Reason::VersionsDiffer(
    "etcd 3.4.23 and 3.5.1 forget leases with negative ids when they start, later ones do not",
);

impl Lessor {
    pub(super) fn read<D: ReadAt>(db: &Db<D>, keyspace: &Keyspace) -> Result<Self, Error> {
        let mut lessor = Self::default();
        for lease in store_state::leases(db)? {
            if lease.id < 0 {
                lessor.doubtful.insert(lease.id);
            }
            lessor.leases.insert(lease.id, lease);
        }
        for (key, live) in keyspace.live() {
            if lessor.leases.contains_key(&live.lease) {
                lessor.attach(key.clone(), live.lease);
            }
        }
        Ok(lessor)
    }

    pub(super) fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.leases.values()
    }

    pub(super) fn has(&self, id: i64) -> Result<bool, Reason> {
        if self.doubtful.contains(&id) {
            return Err(DOUBTFUL);
        }
        Ok(self.leases.contains_key(&id))
    }

    /// The keys that end with a lease, in order.
    pub(super) fn keys(&self, id: i64) -> impl Iterator<Item = &Key> {
        self.keys.get(&id).into_iter().flatten()
    }

    pub(super) fn grant(&mut self, id: i64, ttl: i64) -> Result<(), Reason> {
        if id == 0 || ttl > LONGEST_TTL || self.has(id)? {
            return Ok(());
        }
        let lease = Lease {
            id,
            ttl,
            remaining_ttl: 0,
        };
        self.leases.insert(id, lease);
        Ok(())
    }

    /// Forgets a lease whose keys were deleted.
    pub(super) fn remove(&mut self, id: i64) {
        self.leases.remove(&id);
        self.keys.remove(&id);
    }

    /// Notes what a checkpoint says; of an unknown lease it says nothing.
    pub(super) fn checkpoint(&mut self, id: i64, remaining_ttl: i64) {
        if let Some(lease) = self.leases.get_mut(&id) {
            lease.remaining_ttl = remaining_ttl;
        }
    }

    /// Hangs a key that was put on `lease`, 0 for none, and takes it off the one before.
    pub(super) fn was_put(&mut self, key: Key, lease: i64) -> Result<(), Reason> {
        let before = self.lease_of.get(&key).copied().unwrap_or(0);
        if before == lease {
            return Ok(());
        }
        self.detach(&key);
        if lease == 0 {
            return Ok(());
        }
        if !self.has(lease)? {
            return Err(Reason::Panics("a put hangs a key on a lease that is gone"));
        }
        self.attach(key, lease);
        Ok(())
    }

    pub(super) fn was_deleted(&mut self, key: &Key) {
        self.detach(key);
    }

    fn attach(&mut self, key: Key, lease: i64) {
        self.keys.entry(lease).or_default().insert(key.clone());
        self.lease_of.insert(key, lease);
    }

    fn detach(&mut self, key: &Key) {
        if let Some(lease) = self.lease_of.remove(key)
            && let Some(keys) = self.keys.get_mut(&lease)
        {
            keys.remove(key);
        }
    }
}
