//! Every entry that real etcds wrote decodes, and encodes to the same bytes; every key's
//! history folds.
#![expect(clippy::expect_used, reason = "a failure is the test's")]

mod golden;

use std::collections::HashMap;

use bolt::Db;
use etcd::fold::{Change, KeyState};
use etcd::lease::Lease;
use etcd::mvcc::{KeyValue, encode_tombstone};
use etcd::revision::{Entry, Kind};
use etcd::schema::bucket;

const DATABASES: [&str; 6] = [
    "full/e34.db.gz",
    "full/e35.db.gz",
    "hash_kv/plain.db.gz",
    "hash_kv/compacted-twice.db.gz",
    "hash_kv/all-deleted.db.gz",
    "restore/three-m1.db.gz",
];

/// Lends every entry of a bucket to `take`; says how many there were.
fn each(database: &str, name: &[u8], mut take: impl FnMut(&[u8], &[u8])) -> usize {
    let db = Db::open(golden::gunzip(database)).expect(database);
    let bucket = db.bucket(name).expect(database).expect(database);
    let mut cursor = bucket.cursor();
    let mut count = 0;
    while let Some((key, value)) = cursor.next().expect(database) {
        take(key, value);
        count += 1;
    }
    count
}

#[test]
fn every_entry_comes_back_byte_for_byte() {
    let mut again = Vec::new();
    for database in DATABASES {
        let count = each(database, bucket::KEY, |key, value| {
            let entry = Entry::parse(key).unwrap();
            assert_eq!(&*entry.to_bytes(), key);
            let kv = KeyValue::decode(value).unwrap();
            again.clear();
            match entry.kind {
                Kind::Put => {
                    assert_eq!(kv.mod_revision, entry.revision.main);
                    kv.encode_put(&mut again);
                }
                Kind::Tombstone => encode_tombstone(kv.key, &mut again),
            }
            assert_eq!(again, value);
        });
        assert!(count > 0, "{database}");
    }
}

#[test]
fn every_lease_comes_back_byte_for_byte() {
    for database in ["full/e34.db.gz", "full/e35.db.gz"] {
        let count = each(database, bucket::LEASE, |key, value| {
            let lease = Lease::parse(key, value).unwrap();
            assert_eq!(
                (&lease.key()[..], lease.to_bytes().as_slice()),
                (key, value)
            );
        });
        assert_eq!(count, 1);
    }
}

#[test]
fn every_history_of_a_store_never_compacted_folds() {
    for database in ["full/e34.db.gz", "full/e35.db.gz", "hash_kv/plain.db.gz"] {
        let mut states: HashMap<Vec<u8>, KeyState> = HashMap::new();
        let mut deletes = 0;
        each(database, bucket::KEY, |key, value| {
            let Entry { revision, kind } = Entry::parse(key).unwrap();
            let KeyValue {
                key,
                create_revision,
                version,
                ..
            } = KeyValue::decode(value).unwrap();
            let change = match kind {
                Kind::Put => Change::Put {
                    create_revision,
                    version,
                },
                Kind::Tombstone => Change::Delete,
            };
            deletes += usize::from(change == Change::Delete);
            let state = states.entry(key.to_vec()).or_default();
            *state = state.after(revision.main, change).unwrap();
        });
        assert!(deletes > 0, "{database}");
    }
}

#[test]
fn every_record_is_one_that_etcd_can_read() {
    for database in DATABASES {
        let db = Db::open(golden::gunzip(database)).expect(database);
        let mut records = Records { database, count: 0 };
        assert!(bolt::check(&db, &mut records).is_clean(), "{database}");
        assert!(records.count > 0, "{database}");
    }
}

struct Records {
    database: &'static str,
    count: u64,
}

impl bolt::Visitor for Records {
    fn bucket(&mut self, _name: &[u8]) {}

    fn item(&mut self, name: &[u8], key: &[u8], value: &[u8]) {
        let read = etcd::record::check(name, key, value);
        assert_eq!(read, Ok(()), "{}: {}", self.database, name.escape_ascii());
        self.count += 1;
    }
}
