use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use fastrand::Rng;

/// One change of a transaction: a key, and its value or none for a delete.
pub(crate) type Change<'a> = (&'a str, Option<&'a str>);

/// One event, as etcd's watch tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) revision: i64,
    pub(crate) key: Vec<u8>,
    /// `None` for a delete, whose numbers below are 0.
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) create_revision: i64,
    pub(crate) version: i64,
    pub(crate) lease: i64,
}

/// What happened in an etcd since it was empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    events: Vec<Event>,
    /// Creation and version of the keys that are live.
    live: BTreeMap<Vec<u8>, (i64, i64)>,
    transactions: i64,
}

impl History {
    /// The last revision; 1 before the first write.
    pub(crate) fn revision(&self) -> i64 {
        1 + self.transactions
    }

    /// The keys that are live.
    pub(crate) fn live(&self) -> impl Iterator<Item = &[u8]> {
        self.live.keys().map(Vec::as_slice)
    }

    /// Writes one transaction, one revision.
    pub(crate) fn transaction(&mut self, changes: &[Change<'_>]) -> &mut Self {
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
    pub(crate) fn put(&mut self, key: &str, value: &str) -> &mut Self {
        self.transaction(&[(key, Some(value))])
    }

    /// Writes one key that hangs on a lease.
    pub(crate) fn put_leased(&mut self, key: &str, value: &str, lease: i64) -> &mut Self {
        self.transactions += 1;
        self.change(key.as_bytes(), Some(value.into()), lease);
        self
    }

    /// Deletes one key.
    pub(crate) fn delete(&mut self, key: &str) -> &mut Self {
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
    pub(crate) fn wander(&mut self, revision: i64, seed: u64) -> &mut Self {
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
    pub(crate) fn events(&self, revisions: RangeInclusive<i64>) -> Vec<Event> {
        let within = |event: &&Event| revisions.contains(&event.revision);
        self.events.iter().filter(within).cloned().collect()
    }

    /// The content of the delta of these revisions.
    pub(crate) fn delta(&self, revisions: RangeInclusive<i64>) -> Vec<u8> {
        super::delta(&self.events(revisions))
    }

    /// The content of a full taken at `revision`.
    pub(crate) fn full(&self, revision: i64) -> Vec<u8> {
        super::with_hash(super::database(&self.events(2..=revision)))
    }
}
