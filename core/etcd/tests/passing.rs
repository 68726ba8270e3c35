//! What is found out of a database while it comes by is what is read of it where it stands.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod golden;

use std::collections::BTreeMap;
use std::sync::RwLock;

use bolt::{Append, BulkWriter, Db};
use etcd::mvcc::{KeyValue, encode_tombstone};
use etcd::passing::{Holds, KeyBucket, LastEvent, Passing, Unclear};
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::{bucket, meta};
use etcd::store_state::StoreState;
use proptest::prelude::*;

const DATABASES: [&str; 6] = [
    "full/e34.db.gz",
    "full/e35.db.gz",
    "hash_kv/plain.db.gz",
    "hash_kv/compacted-twice.db.gz",
    "hash_kv/all-deleted.db.gz",
    "restore/three-m1.db.gz",
];

fn passed(database: &[u8], piece: usize, highest: i64) -> Result<Holds, Unclear> {
    let mut passing = Passing::new(database.len() as u64, highest);
    database.chunks(piece).for_each(|piece| passing.push(piece));
    passing.finish()
}

/// The same, by what reads files.
fn read(database: &[u8]) -> Holds {
    let db = Db::open(database).unwrap();
    let state = StoreState::read(&db).unwrap();
    let (mut key_bucket, mut last_event) = (KeyBucket::default(), None);
    if let Some(bucket) = db.bucket(bucket::KEY).unwrap() {
        let mut cursor = bucket.cursor();
        while let Some((key, value)) = cursor.next().unwrap() {
            key_bucket.crc32c = crc32c::crc32c_append(key_bucket.crc32c, key);
            key_bucket.crc32c = crc32c::crc32c_append(key_bucket.crc32c, value);
            key_bucket.bytes += (key.len() + value.len()) as u64;
            key_bucket.entries += 1;
            last_event = event(Entry::parse(key).unwrap(), value);
        }
    }
    Holds {
        revision: state.revision,
        compaction: state.compaction,
        consistent_index: state.consistent_index,
        term: state.term,
        key_bucket,
        last_event,
    }
}

fn event(entry: Entry, value: &[u8]) -> Option<LastEvent> {
    let kv = KeyValue::decode(value).unwrap();
    let value = (entry.kind == Kind::Put).then(|| crc32c::crc32c(kv.value));
    (!kv.key.is_empty()).then(|| LastEvent {
        key: kv.key.to_vec(),
        revision: entry.revision,
        create_revision: kv.create_revision,
        version: kv.version,
        value_crc32c: value,
    })
}

#[test]
fn real_databases_hold_what_is_read_of_them() {
    for name in DATABASES {
        let mut database = golden::gunzip(name);
        // What is beside the pages, as the hash of a snapshot, does not come by.
        database.truncate(database.len() / 4096 * 4096);
        let expected = read(&database);
        assert!(expected.key_bucket.entries > 0, "{name}");
        for piece in [1, 4096, 32 << 10, usize::MAX] {
            let holds = passed(&database, piece, expected.revision).unwrap();
            assert_eq!(holds, expected, "{name} in pieces of {piece}");
        }
    }
}

/// Puts and deletes, one a revision from `first` on, as entries of the key bucket.
fn changes(first: i64, changes: &[(u8, usize)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let numbered = (first..).zip(changes);
    let entry = |(main, (key, length)): (i64, &(u8, usize))| {
        let (key, mut value) = ([*key], Vec::new());
        let revision = Revision::new(main, 0);
        let entry = match length {
            0 => {
                encode_tombstone(&key, &mut value);
                Entry::tombstone(revision)
            }
            _ => {
                let stored = vec![main as u8; *length];
                KeyValue {
                    key: &key,
                    create_revision: main,
                    mod_revision: main,
                    version: 1,
                    value: &stored,
                    lease: 0,
                }
                .encode_put(&mut value);
                Entry::put(revision)
            }
        };
        (entry.to_bytes().to_vec(), value)
    };
    numbered.map(entry).collect()
}

type Items = Vec<(Vec<u8>, Vec<u8>)>;

fn marks(index: u64, scheduled: Option<i64>, filler: usize) -> Items {
    let mut items = vec![
        (
            meta::CONSISTENT_INDEX.to_vec(),
            index.to_be_bytes().to_vec(),
        ),
        (meta::TERM.to_vec(), 3_u64.to_be_bytes().to_vec()),
        // Decides whether the bucket fits into its entry.
        (meta::CONF_STATE.to_vec(), vec![b'{'; filler]),
    ];
    let scheduled = scheduled.map(|main| Revision::new(main, 0).to_bytes().to_vec());
    items.extend(scheduled.map(|bytes| (meta::SCHEDULED_COMPACTION.to_vec(), bytes)));
    items.sort();
    items
}

fn database(page_size: u32, keys: &[(Vec<u8>, Vec<u8>)], marks: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let file = RwLock::new(Vec::new());
    let mut writer = BulkWriter::create(&file, page_size).unwrap();
    for (name, items) in [(bucket::KEY, keys), (bucket::META, marks)] {
        writer.bucket(name).unwrap();
        for (key, value) in items {
            writer.push(key, value).unwrap();
        }
    }
    writer.finish().unwrap();
    file.into_inner().unwrap()
}

/// Another transaction, which leaves the pages that it replaces as they are.
fn later(database: Vec<u8>, keys: &[(Vec<u8>, Vec<u8>)], marks: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let file = RwLock::new(database);
    let mut append = Append::open(&file).unwrap();
    let mut tail = append.tail(bucket::KEY).unwrap();
    for (key, value) in keys {
        tail.push(key, value).unwrap();
    }
    let marks: BTreeMap<Vec<u8>, Vec<u8>> = marks.iter().cloned().collect();
    append.replace(bucket::META, &marks).unwrap();
    append.commit().unwrap();
    file.into_inner().unwrap()
}

fn change() -> impl Strategy<Value = (u8, usize)> {
    let length = prop_oneof![
        1 => Just(0_usize),
        8 => 1..300_usize,
        1 => 1000..40_000_usize,
    ];
    (any::<u8>(), length)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Pages of any size, with overflow, buckets in their entries and on pages of their own, old pages that
    /// are not used any more; in any pieces.
    #[test]
    fn any_database_holds_what_is_read_of_it(
        page in 10..17_u32,
        first in prop::collection::vec(change(), 0..80),
        more in prop::collection::vec(prop::collection::vec(change(), 0..20), 0..4),
        filler in prop_oneof![Just(2_usize), Just(900), Just(5000)],
        scheduled in prop::option::of(0..200_i64),
        piece in 1..100_000_usize,
    ) {
        // The bucket `meta` stays one leaf, as it is in every etcd.
        let filler = filler.min((1 << page) / 2);
        let mut revision = 2 + first.len() as i64;
        let mut whole = database(1 << page, &changes(2, &first), &marks(7, None, filler));
        for (index, more) in (8..).zip(&more) {
            whole = later(whole, &changes(revision, more), &marks(index, scheduled, filler));
            revision += more.len() as i64;
        }
        let expected = read(&whole);
        prop_assert_eq!(passed(&whole, piece, expected.revision), Ok(expected));
    }

    /// Whatever is done to it, it is told right or not at all, unless what was changed is itself what is told:
    /// whether bytes came as they should is not for this to say. Nothing panics.
    #[test]
    fn no_bytes_make_it_fail(
        changed in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        piece in 1..9000_usize,
    ) {
        let keys: Vec<_> = (0..200).map(|n| (n as u8, n * 7 % 2000)).collect();
        let mut whole = database(1024, &changes(2, &keys), &marks(7, None, 900));
        for (at, byte) in changed {
            let at = at.index(whole.len());
            whole[at] = byte;
        }
        let _ = passed(&whole, piece, i64::MAX);
    }
}

#[test]
fn an_empty_store_is_at_revision_1() {
    let holds = passed(&database(4096, &[], &marks(3, None, 2)), 100, 1).unwrap();
    assert_eq!(
        (holds.revision, holds.key_bucket),
        (1, KeyBucket::default())
    );
    assert_eq!((holds.consistent_index, holds.last_event), (3, None));
    // No bucket at all, as before an etcd has started on it.
    let file = RwLock::new(Vec::new());
    BulkWriter::create(&file, 4096).unwrap().finish().unwrap();
    let whole = file.into_inner().unwrap();
    assert_eq!(passed(&whole, 4096, 1), Ok(read(&whole)));
}

/// A page that is not used any more may say that it is longer than it is, and so claim the place of those after it:
/// the header of the first page of a large value stays when the pages after it are used again.
#[test]
fn a_stale_page_that_claims_living_ones_takes_nothing_from_them() {
    let keys: Vec<_> = (0..300).map(|n| (n as u8, 200)).collect();
    let first = database(4096, &changes(2, &keys), &marks(7, None, 900));
    let old_pages = (first.len() / 4096) as u64;
    let whole = later(first, &changes(302, &keys), &marks(9, Some(5), 900));
    let expected = read(&whole);
    let mut claimed = 0;
    for page in 2..old_pages {
        let mut changed = whole.clone();
        let at = page as usize * 4096;
        let rest = (whole.len() / 4096) as u64 - page - 1;
        changed[at + 12..at + 16].copy_from_slice(&(rest as u32).to_le_bytes());
        // Only where nothing changes by it for who reads the tree: the page is free.
        if Db::open(&changed[..]).unwrap().check().is_clean() {
            claimed += 1;
            assert_eq!(
                passed(&changed, 5000, i64::MAX).as_ref(),
                Ok(&expected),
                "{page}"
            );
        }
    }
    assert!(claimed > 1, "no page was free");
}

/// Pages that were free when the stream began are written to while it runs, and come by with revisions that
/// the database does not hold.
#[test]
fn what_was_written_since_is_not_counted() {
    let keys: Vec<_> = (0..50).map(|n| (n as u8, 500)).collect();
    let whole = database(4096, &changes(2, &keys), &marks(7, None, 900));
    let expected = read(&whole);
    let since = later(whole.clone(), &changes(52, &keys), &marks(9, Some(40), 900));
    let mut mixed = whole.clone();
    mixed.extend_from_slice(&since[whole.len()..]);
    assert!(mixed.len() > whole.len() + 4096 * 5);
    assert_eq!(passed(&mixed, 4096, expected.revision), Ok(expected));
}

/// A torn or unknown page that is used makes the answer unknown, never another one.
#[test]
fn a_page_that_is_not_understood_is_said_to_be_so() {
    let keys: Vec<_> = (0..300).map(|n| (n as u8, 200)).collect();
    let whole = database(4096, &changes(2, &keys), &marks(7, None, 900));
    let expected = read(&whole);
    let mut unclear = 0;
    for page in 0..whole.len() / 4096 {
        let mut torn = whole.clone();
        torn[page * 4096 + 16..][..400].fill(0xFF);
        match passed(&torn, 4096, i64::MAX) {
            Ok(holds) => assert_eq!(holds, expected, "{page}"),
            Err(_) => unclear += 1,
        }
    }
    // All but the second meta page and the list of free pages.
    assert_eq!(unclear, whole.len() / 4096 - 2);
}

#[test]
fn a_stream_of_another_length_is_not_known() {
    let whole = database(4096, &changes(2, &[(1, 100)]), &marks(7, None, 900));
    for length in [whole.len() - 1, whole.len() + 1] {
        let mut passing = Passing::new(length as u64, 9);
        passing.push(&whole);
        assert!(matches!(
            passing.finish(),
            Err(Unclear::Pages(
                bolt::stream::Unclear::Length { .. } | bolt::stream::Unclear::Meta
            ))
        ));
    }
    assert!(passed(b"no database", 4, 9).is_err());
    assert!(passed(&[], 1, 9).is_err());
    let above = passed(&whole, 4096, 1);
    assert_eq!(
        above,
        Err(Unclear::AboveHead {
            revision: 2,
            highest: 1
        })
    );
    // A size that nobody can have room for takes none.
    let mut passing = Passing::new(u64::MAX, 9);
    passing.push(&whole);
    assert!(passing.finish().is_err());
}
