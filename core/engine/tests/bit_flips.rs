//! A bit that flips in a store, wherever it does: the restore is refused, or what is published is
//! what it would have been. (A gzip header holds a time and a name that nobody needs.)
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop"
)]

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use bolt::Db;
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::{Reading, Target};
use engine::progress::Unobserved;
use engine::restore::{Changes, History as Past, Identity, Request};
use engine::session::Session;
use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Snapstore};
use tempfile::TempDir;
use testkit::backup::{Compression, compress};
use testkit::synthetic::{History, delta_name, full_name};
use tokio::runtime::Runtime;

/// So many bytes at both ends of an object are flipped each, bit by bit; that is where headers,
/// lengths and checksums are.
const ENDS: usize = 40;

/// So many positions in between.
const BETWEEN: usize = 160;

struct Lab {
    runtime: Runtime,
    store: MemoryStore,
    /// In memory, where there is such a place: flushing is not on trial here.
    dir: TempDir,
    objects: Vec<(Key, Bytes)>,
    /// What becomes of the history: other steps, other proofs.
    past: Past,
}

impl Lab {
    fn new(compression: Compression, past: Past) -> Self {
        let mut history = History::default();
        history.wander(60, 3);
        let objects = [
            (full_name(20, compression), history.full(20)),
            (delta_name(21, 40, compression), history.delta(21..=40)),
            (delta_name(41, 60, compression), history.delta(41..=60)),
        ];
        let objects = objects.map(|(name, content)| {
            let key = Key::new(format!("v2/{name}")).unwrap();
            (key, Bytes::from(compress(compression, &content)))
        });
        let memory = Path::new("/dev/shm");
        let lab = Self {
            runtime: Runtime::new().unwrap(),
            store: MemoryStore::new(),
            dir: TempDir::new_in(memory).or_else(|_| TempDir::new()).unwrap(),
            objects: objects.into(),
            past,
        };
        for (key, bytes) in &lab.objects {
            lab.put(key, bytes.clone());
        }
        lab
    }

    fn put(&self, key: &Key, bytes: Bytes) {
        let put = self.store.put(key, bytes, PutOptions::overwrite());
        self.runtime.block_on(put).unwrap();
    }

    /// HashKV and revision of what a restore publishes, read from its file; `None` if it refuses.
    fn restored(&self) -> Option<(u32, i64)> {
        let session = Session {
            store: Arc::new(self.store.clone()),
            observer: Arc::new(Unobserved),
            cancel: Default::default(),
            seed: 5,
            clock: Arc::new(SystemClock),
            runtime: self.runtime.handle().clone(),
            keys: Default::default(),
        };
        let data_dir = self.dir.path().join("new.etcd");
        let request = request(&data_dir, self.past);
        let restore = engine::restore::restore(&session, &request);
        let restored = self.runtime.block_on(restore);
        if let Err(error) = restored {
            assert!(error.to_string().contains("v2/"), "which object? {error}");
            let left = fs::read_dir(self.dir.path()).unwrap().count();
            assert_eq!(left, 0, "left behind after: {error}");
            return None;
        }
        let database = File::open(data_dir.join("member/snap/db")).unwrap();
        let db = Db::open(database).unwrap();
        assert!(db.check().is_clean(), "{}", db.check());
        let answer = etcd::hash_kv::of_database(&db, None, 9).unwrap();
        fs::remove_dir_all(data_dir).unwrap();
        Some((answer.hash, answer.revision))
    }

    /// Flips a bit at a time. How many were refused.
    fn flip_bits(&self) -> usize {
        let undamaged = self.restored().unwrap();
        assert_eq!(undamaged.1, 60);
        let mut refused = 0;
        for (key, whole) in &self.objects {
            for (at, bit) in positions(whole.len()) {
                let mut flipped = whole.to_vec();
                flipped[at] ^= 1 << bit;
                self.put(key, flipped.into());
                match self.restored() {
                    None => refused += 1,
                    Some(published) if published == undamaged => {}
                    Some(published) => {
                        panic!("{key}, bit {bit} of byte {at}: {published:?}, not {undamaged:?}")
                    }
                }
            }
            self.put(key, whole.clone());
        }
        refused
    }
}

fn positions(length: usize) -> impl Iterator<Item = (usize, usize)> {
    let ends = (0..ENDS).chain(length - ENDS..length);
    let each_bit = ends.flat_map(|at| (0..8).map(move |bit| (at, bit)));
    let stride = (length / BETWEEN).max(1);
    let between = (ENDS..length - ENDS).step_by(stride);
    each_bit.chain(between.map(|at| (at, at % 8)))
}

fn request(data_dir: &Path, history: Past) -> Request {
    Request {
        target: Target::Latest,
        lineage: Default::default(),
        data_dir: data_dir.to_owned(),
        over: None,
        salvage: None,
        chosen: None,
        clusters: None,
        authentication: Default::default(),
        other_cluster: Default::default(),
        identity: Identity {
            name: "m".into(),
            initial_cluster: "m=http://localhost:2380".into(),
            token: "t".into(),
            advertised: vec!["http://localhost:2380".into()],
        },
        reading: Reading {
            hash: HashCheck::Required,
            leases: LeasePolicy::Keep,
            fetchers: 2,
        },
        changes: Changes {
            unknown_lease_ttl: 60,
            bump_revision: 0,
            history,
        },
    }
}

/// All that is not refused must be harmless by the format; so many positions are, at most.
fn at_most_harmless(compression: Compression, harmless: usize) {
    at_most_harmless_when(Past::Kept, compression, harmless);
}

fn at_most_harmless_when(past: Past, compression: Compression, harmless: usize) {
    let lab = Lab::new(compression, past);
    let lengths = lab.objects.iter().map(|(_, bytes)| bytes.len());
    let flips: usize = lengths.map(|length| positions(length).count()).sum();
    assert!(flips > 2000, "{flips}");
    let refused = lab.flip_bits();
    assert!(
        refused + harmless >= flips,
        "{} of {flips} flips were not noticed",
        flips - refused
    );
}

/// Compressed bits end within a byte; up to seven after them mean nothing.
const PADDING: usize = 7;

/// Every byte is content or its hash.
#[test]
fn of_plain_objects() {
    at_most_harmless(Compression::None, 0);
}

/// The header: four bytes of time, one of the level, one of the system, one flag that says "text"
/// and three that say nothing (RFC 1952).
#[test]
fn of_gzip_objects() {
    at_most_harmless(Compression::Gzip, 3 * (6 * 8 + 4 + PADDING));
}

/// The read-back of a marked database once left out what counted as compacted, and that of a
/// compacted one was checked against nothing.
#[test]
fn of_objects_of_which_history_is_dropped() {
    for past in [Past::MarkedCompacted, Past::Compacted] {
        at_most_harmless_when(past, Compression::None, 0);
    }
}

/// The header holds a check of itself.
#[test]
fn of_zlib_objects() {
    at_most_harmless(Compression::Zlib, 3 * PADDING);
}

#[test]
fn of_lzw_objects() {
    at_most_harmless(Compression::Lzw, 3 * PADDING);
}
