//! What the deltas say about each key they touch, checked against itself and against the base.
//!
//! Every event carries the creation and the version of its key. Read twice, they are a proof: a
//! put of version 5 is legal only on version 4 of the same creation, a delete only on a live key.
//! A gap in the chain, a foreign delta or a wrong base shows here, even when all revisions are
//! there. What a key's first event demands of the base is kept and checked when the base is read.

use etcd::KeySet;
use etcd::fold::{Change, KeyState};
use etcd::hash_kv::Later;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;

/// One event, as far as the index is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touch {
    pub(crate) key: u128,
    pub(crate) revision: i64,
    pub(crate) change: Change,
}

/// A key that does not continue what was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The revision of the event that shows it.
    pub(crate) revision: i64,
    /// What is wrong.
    pub(crate) what: String,
}

/// 48 bytes a key. Held in many small tables: when one grows, only it is held twice.
#[derive(Debug, Clone, Copy)]
struct Key {
    hash: [u64; 2],
    /// State now; version 0 is a deleted key.
    create: i64,
    version: i64,
    before: Before,
    /// The revision of the first event.
    first: i64,
}

/// What the first event demands of the base, in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Before(u64);

impl Before {
    const ABSENT: Self = Self(0);
    const ANY_LIVE: Self = Self(1);

    fn exactly(state: KeyState) -> Self {
        let KeyState::Live {
            create_revision,
            version,
        } = state
        else {
            return Self::ABSENT;
        };
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&create_revision.to_le_bytes());
        bytes[8..].copy_from_slice(&version.to_le_bytes());
        Self(xxhash_rust::xxh3::xxh3_64(&bytes) | 2)
    }

    fn fits(self, state: KeyState) -> bool {
        match self {
            Self::ANY_LIVE => state != KeyState::Absent,
            exactly => exactly == Self::exactly(state),
        }
    }
}

impl Key {
    fn state(&self) -> KeyState {
        match (self.create, self.version) {
            (_, 0) => KeyState::Absent,
            (create_revision, version) => KeyState::Live {
                create_revision,
                version,
            },
        }
    }

    fn set(&mut self, state: KeyState) {
        (self.create, self.version) = match state {
            KeyState::Absent => (0, 0),
            KeyState::Live {
                create_revision,
                version,
            } => (create_revision, version),
        };
    }
}

const SHARDS: usize = 64;

/// The keys that deltas touch.
#[derive(Debug)]
pub(crate) struct Index {
    shards: Vec<HashTable<Key>>,
}

impl Index {
    pub(crate) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
        }
    }

    /// How many keys were touched.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(HashTable::len).sum()
    }

    /// The keys touched and whether one of them is live, for what hashes the base.
    pub(crate) fn later(&self, seed: u64) -> Later {
        let mut later = Later {
            touched: KeySet::with_seed(seed),
            some_live: false,
        };
        for key in self.shards.iter().flatten() {
            later
                .touched
                .insert_hash(u128::from(key.hash[0]) | u128::from(key.hash[1]) << 64);
            later.some_live |= key.state() != KeyState::Absent;
        }
        later
    }

    /// The hash is random already, so it is its own hash; its low bits choose the table.
    fn shard(&mut self, key: u128) -> (&mut HashTable<Key>, [u64; 2]) {
        let hash = [key as u64, (key >> 64) as u64];
        (&mut self.shards[hash[0] as usize % SHARDS], hash)
    }

    /// Looks up keys that will be touched next, and forgets the answers. The tables are larger than
    /// any cache, so a touch mostly waits for memory; look-ups that do not depend on each other wait
    /// at the same time.
    pub(crate) fn warm(&self, keys: impl Iterator<Item = u128>) {
        let known = keys.filter(|key| {
            let hash = [*key as u64, (*key >> 64) as u64];
            let table = &self.shards[hash[0] as usize % SHARDS];
            table
                .find(hash[1], |key| key.hash == hash)
                .is_some_and(|key| key.version == 0)
        });
        std::hint::black_box(known.count());
    }

    /// Takes an event in, or says why it cannot follow.
    pub(crate) fn touch(&mut self, touch: Touch) -> Result<(), Broken> {
        let Touch {
            revision, change, ..
        } = touch;
        let (table, hash) = self.shard(touch.key);
        match table.entry(hash[1], |key| key.hash == hash, |key| key.hash[1]) {
            Slot::Occupied(mut slot) => {
                let key = slot.get_mut();
                let next = key.state().after(revision, change);
                key.set(next.map_err(|wrong| Broken {
                    revision,
                    what: wrong.to_string(),
                })?);
            }
            Slot::Vacant(slot) => {
                let before = demanded(revision, change)?;
                let mut key = Key {
                    hash,
                    create: 0,
                    version: 0,
                    before,
                    first: revision,
                };
                if let Change::Put {
                    create_revision,
                    version,
                } = change
                {
                    key.set(KeyState::Live {
                        create_revision,
                        version,
                    });
                }
                slot.insert(key);
            }
        }
        Ok(())
    }

    /// From here on the index holds what the base says of the same keys. Begins with nothing.
    pub(crate) fn begin_base(&mut self) {
        for key in self.shards.iter_mut().flatten() {
            key.set(KeyState::Absent);
        }
    }

    /// An entry of the base, in the order of revisions, leaves its key in this state.
    pub(crate) fn base(&mut self, key: u128, state: KeyState) {
        let (table, hash) = self.shard(key);
        if let Some(key) = table.find_mut(hash[1], |key| key.hash == hash) {
            key.set(state);
        }
    }

    /// The base has been read: the first key, by revision, whose events do not continue it.
    pub(crate) fn end_base(&self) -> Result<(), Broken> {
        let wrong = self
            .shards
            .iter()
            .flatten()
            .filter(|key| !key.before.fits(key.state()));
        let Some(key) = wrong.min_by_key(|key| key.first) else {
            return Ok(());
        };
        let what = format!(
            "the event of revision {} continues a state of its key that the full snapshot does \
             not hold (there, the key {}): the delta and the full are of different histories, or \
             changes between them are missing",
            key.first,
            key.state()
        );
        Err(Broken {
            revision: key.first,
            what,
        })
    }
}

/// What a key's first event demands of the base.
fn demanded(revision: i64, change: Change) -> Result<Before, Broken> {
    match change {
        Change::Delete => Ok(Before::ANY_LIVE),
        Change::Put {
            create_revision,
            version: 1,
        } if create_revision == revision => Ok(Before::ABSENT),
        Change::Put {
            create_revision,
            version,
        } if version > 1 && create_revision < revision => Ok(Before::exactly(KeyState::Live {
            create_revision,
            version: version - 1,
        })),
        Change::Put {
            create_revision,
            version,
        } => {
            let what = format!(
                "the event of revision {revision} says that its key was created at revision \
                 {create_revision} and is at version {version}, which cannot be"
            );
            Err(Broken { revision, what })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: u128, revision: i64, create_revision: i64, version: i64) -> Touch {
        Touch {
            key,
            revision,
            change: Change::Put {
                create_revision,
                version,
            },
        }
    }

    fn delete(key: u128, revision: i64) -> Touch {
        Touch {
            key,
            revision,
            change: Change::Delete,
        }
    }

    const ABSENT: KeyState = KeyState::Absent;

    fn live(create_revision: i64, version: i64) -> KeyState {
        KeyState::Live {
            create_revision,
            version,
        }
    }

    #[test]
    fn a_life_of_a_key_is_followed() {
        let mut index = Index::new();
        for touch in [
            put(1, 5, 5, 1),
            put(1, 6, 5, 2),
            delete(1, 7),
            put(1, 8, 8, 1),
        ] {
            index.touch(touch).unwrap();
        }
        index.begin_base();
        index.end_base().unwrap();
        assert_eq!(index.len(), 1);
    }

    #[test]
    fn events_that_cannot_follow_each_other_are_refused() {
        let broken_at = |touches: &[Touch]| {
            let mut index = Index::new();
            touches
                .iter()
                .find_map(|touch| index.touch(*touch).err())
                .map(|b| b.revision)
        };
        assert_eq!(broken_at(&[put(1, 5, 5, 1), put(1, 6, 5, 3)]), Some(6));
        assert_eq!(broken_at(&[put(1, 5, 5, 1), put(1, 6, 6, 1)]), Some(6));
        assert_eq!(broken_at(&[delete(1, 5), delete(1, 6)]), Some(6));
        assert_eq!(broken_at(&[delete(1, 5), put(1, 6, 4, 2)]), Some(6));
        assert_eq!(broken_at(&[put(1, 5, 4, 1)]), Some(5));
        assert_eq!(broken_at(&[put(1, 5, 5, 2)]), Some(5));
        assert_eq!(broken_at(&[put(1, 5, 0, 0)]), Some(5));
    }

    #[test]
    fn the_base_must_hold_what_the_first_events_continue() {
        let fits = |touch: Touch, base: &[KeyState]| {
            let mut index = Index::new();
            index.touch(touch).unwrap();
            index.begin_base();
            base.iter().for_each(|state| index.base(1, *state));
            index.end_base().is_ok()
        };
        assert!(fits(put(1, 9, 4, 3), &[live(4, 1), live(4, 2)]));
        assert!(!fits(put(1, 9, 4, 3), &[live(4, 1)]));
        assert!(!fits(put(1, 9, 4, 3), &[live(4, 2), ABSENT]));
        assert!(fits(put(1, 9, 9, 1), &[]));
        assert!(fits(put(1, 9, 9, 1), &[live(4, 2), ABSENT]));
        assert!(!fits(put(1, 9, 9, 1), &[live(4, 2)]));
        assert!(fits(delete(1, 9), &[live(4, 2)]));
        assert!(!fits(delete(1, 9), &[]));
    }
}
