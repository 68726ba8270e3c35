//! Random histories, compacted anywhere: what remains, what HashKV says and where the store
//! stands agree with the definitions.
#![expect(clippy::unwrap_used, reason = "a failure is the test's")]

mod written;

use std::collections::BTreeMap;
use std::sync::RwLock;

use bolt::Db;
use etcd::compaction::{Compaction, Verdict};
use etcd::hash_kv::of_database;
use etcd::mvcc::{KeyValue, encode_tombstone};
use etcd::revision::{Entry, Revision};
use etcd::schema::{bucket, meta};
use etcd::store_state::StoreState;
use proptest::prelude::*;
use written::{Content, database};

/// One step: a transaction of distinct keys, each put or deleted.
type Transaction = BTreeMap<u8, bool>;

fn any_history() -> impl Strategy<Value = Vec<Transaction>> {
    let transaction = proptest::collection::btree_map(0..6u8, any::<bool>(), 1..4);
    proptest::collection::vec(transaction, 1..40)
}

/// The `key` bucket of a store with this history, from main revision 2.
fn entries(history: &[Transaction]) -> Content {
    let mut states: BTreeMap<u8, (i64, i64)> = BTreeMap::new();
    let mut content = Content::new();
    for (main, transaction) in (2..).zip(history) {
        for (sub, (key, put)) in (0..).zip(transaction) {
            let revision = Revision::new(main, sub);
            let mut value = Vec::new();
            let entry = if *put {
                let (create_revision, version) = states.entry(*key).or_insert((main, 0));
                *version += 1;
                let (create_revision, version) = (*create_revision, *version);
                let text = main.to_string();
                let (key, value_bytes) = (&[*key][..], text.as_bytes());
                KeyValue {
                    key,
                    create_revision,
                    mod_revision: main,
                    version,
                    value: value_bytes,
                    lease: 0,
                }
                .encode_put(&mut value);
                Entry::put(revision)
            } else {
                states.remove(key);
                encode_tombstone(&[*key], &mut value);
                Entry::tombstone(revision)
            };
            content.insert(entry.to_bytes().to_vec(), value);
        }
    }
    content
}

fn compacted(content: &Content, at: i64) -> Content {
    let mut compaction = Compaction::at(at, 1);
    let survives = |(key, value): &(&Vec<u8>, &Vec<u8>)| {
        let changed = KeyValue::decode(value).unwrap().key;
        compaction.decide(Entry::parse(key).unwrap(), changed) == Verdict::Keep
    };
    let newest_first = content.iter().rev().filter(survives);
    newest_first
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn store(content: &Content, marks: &[(&[u8], i64)]) -> Db<RwLock<Vec<u8>>> {
    let marked =
        |(key, main): &(&[u8], i64)| (key.to_vec(), Revision::new(*main, 0).to_bytes().to_vec());
    let meta = marks.iter().map(marked).collect();
    database(&BTreeMap::from([
        (bucket::KEY, content.clone()),
        (bucket::META, meta),
    ]))
}

/// HashKV from its three rules, with Keep spelled out.
fn hash_by_definition(content: &Content, revision: i64, compacted: i64) -> u32 {
    let main = |key: &[u8]| Entry::parse(key).unwrap().revision.main;
    let mut newest: BTreeMap<Vec<u8>, &[u8]> = BTreeMap::new();
    for (key, value) in content.iter().filter(|(key, _)| main(key) <= revision) {
        newest.insert(KeyValue::decode(value).unwrap().key.to_vec(), key);
    }
    let keep: Vec<&[u8]> = newest.into_values().filter(|key| key.len() == 17).collect();
    let mut bytes = b"key".to_vec();
    for (key, value) in content {
        let kept = main(key) > compacted || keep.is_empty() || keep.contains(&key.as_slice());
        if main(key) <= revision && kept && !(key.len() == 18 && main(key) == compacted) {
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(value);
        }
    }
    crc32c::crc32c(&bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Where no key was live the hash before a compaction was over all that it removes, and that after it
    /// was not: `restore --compact` refused one legal backup in fifty.
    #[test]
    fn a_compaction_changes_no_hash(history in any_history(), at in any::<prop::sample::Index>()) {
        let content = entries(&history);
        let current = 1 + history.len() as i64;
        let at = 1 + at.index(history.len()) as i64;
        let scheduled = (meta::SCHEDULED_COMPACTION, at);
        let pending = store(&content, &[scheduled]);
        let remaining = compacted(&content, at);
        let done = store(&remaining, &[scheduled, (meta::FINISHED_COMPACTION, at)]);
        for revision in at..=current {
            let hash = of_database(&pending, Some(revision), 2).unwrap();
            let after = of_database(&done, Some(revision), 3).unwrap();
            prop_assert_eq!(after.hash, hash_by_definition(&remaining, revision, at));
            prop_assert!(after == hash);
        }
    }

    /// Trap 23: when a compaction leaves nothing, only the `meta` bucket knows the revision.
    #[test]
    fn a_compaction_changes_no_revision(history in any_history(), at in any::<prop::sample::Index>()) {
        let content = entries(&history);
        let current = 1 + history.len() as i64;
        let at = 1 + at.index(history.len()) as i64;
        let marks = [(meta::SCHEDULED_COMPACTION, at), (meta::FINISHED_COMPACTION, at)];
        let db = store(&compacted(&content, at), &marks);
        prop_assert_eq!(StoreState::read(&db).unwrap().revision, current);
    }
}

#[test]
fn a_store_without_buckets_is_empty() {
    for db in [database(&BTreeMap::new()), store(&Content::new(), &[])] {
        let expected = StoreState {
            revision: 1,
            ..StoreState::default()
        };
        assert_eq!(StoreState::read(&db).unwrap(), expected);
        assert!(etcd::store_state::leases(&db).unwrap().is_empty());
        assert!(etcd::store_state::members(&db).unwrap().is_empty());
        // As etcd answers at revision 1: the golden history `plain`.
        assert_eq!(of_database(&db, None, 0).unwrap().hash, 1_084_519_789);
    }
}

/// Trap 24: `snapshot restore --bump-revision` adds an entry without a value.
#[test]
fn a_bumped_revision_is_the_current_one() {
    let mut content = entries(&[Transaction::from([(1, true)])]);
    content.insert(
        Entry::put(Revision::new(1_000_002, 0)).to_bytes().to_vec(),
        Vec::new(),
    );
    let db = store(&content, &[(meta::SCHEDULED_COMPACTION, 1_000_002)]);
    assert_eq!(StoreState::read(&db).unwrap().revision, 1_000_002);
    let answer = of_database(&db, None, 0).unwrap();
    assert_eq!(
        answer.hash,
        hash_by_definition(&content, 1_000_002, 1_000_002)
    );
}

#[test]
fn a_malformed_value_is_named_with_its_key() {
    let content = Content::from([(meta::TERM.to_vec(), vec![1, 2, 3])]);
    let db = database(&BTreeMap::from([(bucket::META, content)]));
    let error = StoreState::read(&db).unwrap_err().to_string();
    assert_eq!(
        error,
        "bucket meta, key term: number: is not 8 bytes long at byte 0"
    );

    let content = Content::from([(b"\x01short".to_vec(), Vec::new())]);
    let db = database(&BTreeMap::from([(bucket::KEY, content)]));
    let error = StoreState::read(&db).unwrap_err().to_string();
    let place = "bucket key, key 0x0173686f7274";
    assert_eq!(
        error,
        format!("{place}: revision key: is not 17 or 18 bytes long at byte 6")
    );
}
