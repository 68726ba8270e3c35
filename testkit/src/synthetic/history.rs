use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use fastrand::Rng;

use super::database::database;
use super::event::{Event, delta};
use crate::backup::with_hash;

/// One change of a transaction: a key, and its value or none for a delete.
pub type Change<'a> = (&'a str, Option<&'a str>);

/// What happened in an etcd since it was empty.
#[derive(Debug, Clone, Default)]
pub struct History {
    events: Vec<Event>,
    /// Creation and version of the keys that are live.
    live: BTreeMap<Vec<u8>, (i64, i64)>,
    transactions: i64,
}

impl History {
    /// The last revision; 1 before the first write.
    pub fn revision(&self) -> i64 {
        1 + self.transactions
    }

    /// The keys that are live.
    pub fn live(&self) -> impl Iterator<Item = &[u8]> {
        self.live.keys().map(Vec::as_slice)
    }

    /// Writes one transaction, one revision.
    pub fn transaction(&mut self, changes: &[Change<'_>]) -> &mut Self {
        self.transactions += 1;
        for (key, value) in changes {
            self.change(
                key.as_bytes(),
                value.map(|text| text.as_bytes().to_vec()),
                0,
            );
        }
        self
    }

    /// Writes one key.
    pub fn put(&mut self, key: &str, value: &str) -> &mut Self {
        self.transaction(&[(key, Some(value))])
    }

    /// Writes one key that hangs on a lease.
    pub fn put_leased(&mut self, key: &str, value: &str, lease: i64) -> &mut Self {
        self.transactions += 1;
        self.change(key.as_bytes(), Some(value.into()), lease);
        self
    }

    /// Deletes one key.
    pub fn delete(&mut self, key: &str) -> &mut Self {
        self.transaction(&[(key, None)])
    }

    fn change(&mut self, key: &[u8], value: Option<Vec<u8>>, lease: i64) {
        let revision = self.revision();
        let before = self.live.remove(key);
        let (create_revision, version) = match (&value, before) {
            (None, Some(_)) => (0, 0),
            (None, None) => panic!("a delete of {} at {revision}", key.escape_ascii()),
            (Some(_), None) => (revision, 1),
            (Some(_), Some((create, version))) => (create, version + 1),
        };
        if value.is_some() {
            self.live.insert(key.to_vec(), (create_revision, version));
        }
        self.events.push(Event {
            revision,
            key: key.to_vec(),
            value,
            create_revision,
            version,
            lease,
        });
    }

    /// Goes on to `revision` with puts, deletes and transactions over a few keys.
    pub fn wander(&mut self, revision: i64, seed: u64) -> &mut Self {
        let mut random = Rng::with_seed(seed);
        while self.revision() < revision {
            let keys: Vec<String> = (0..4).map(|_| format!("key-{}", random.u8(..20))).collect();
            let value = format!("value-{}-{}", self.revision(), random.u32(..));
            let mut changes = BTreeMap::new();
            for key in keys.iter().take(random.usize(1..4)) {
                let delete = random.u8(..4) == 0 && self.live.contains_key(key.as_bytes());
                changes.insert(key.as_str(), (!delete).then_some(value.as_str()));
            }
            self.transaction(&changes.into_iter().collect::<Vec<_>>());
        }
        self
    }

    /// The events of these revisions.
    pub fn events(&self, revisions: RangeInclusive<i64>) -> Vec<Event> {
        let within = |event: &&Event| revisions.contains(&event.revision);
        self.events.iter().filter(within).cloned().collect()
    }

    /// The content of the delta of these revisions.
    pub fn delta(&self, revisions: RangeInclusive<i64>) -> Vec<u8> {
        delta(&self.events(revisions))
    }

    /// The content of a full taken at `revision`.
    pub fn full(&self, revision: i64) -> Vec<u8> {
        with_hash(database(&self.events(2..=revision)))
    }
}
