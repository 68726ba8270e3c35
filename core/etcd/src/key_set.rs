use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_128_with_seed;

/// A set of keys that remembers 16 bytes of each, whatever its length.
///
/// Two keys with one 128-bit hash count as the same: with a seed that the writer of the keys
/// cannot know, 10^9 keys collide with a probability below 10^-20.
#[derive(Debug, Clone)]
pub struct KeySet {
    seed: u64,
    hashes: HashSet<u128, BuildHasherDefault<Hashed>>,
}

impl KeySet {
    /// An empty set. The seed should be unpredictable; it never shows in a result.
    pub fn with_seed(seed: u64) -> Self {
        Self {
            seed,
            hashes: HashSet::default(),
        }
    }

    /// Adds a key and says whether it is new.
    pub fn insert(&mut self, key: &[u8]) -> bool {
        self.hashes.insert(xxh3_128_with_seed(key, self.seed))
    }

    /// Adds a key by its hash: [`xxh3_128_with_seed`] with the seed of the set.
    pub fn insert_hash(&mut self, hash: u128) {
        self.hashes.insert(hash);
    }

    /// Whether the key was added.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.hashes.contains(&xxh3_128_with_seed(key, self.seed))
    }

    /// How many keys were added.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

/// Takes what is hashed already: the low half is as good as any other.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = (hash & u128::from(u64::MAX)) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
