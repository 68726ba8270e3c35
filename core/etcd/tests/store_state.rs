//! Where real stores stand, as read from their databases.
#![expect(clippy::expect_used, reason = "a failure is the test's")]

mod golden;
mod written;

use bolt::Db;
use etcd::hash_kv::{HashKv, Keep, of_database};
use etcd::lease::Lease;
use etcd::schema::bucket;
use etcd::store_state::{Compacted, StoreState, leases, members};

fn open(path: &str) -> Db<Vec<u8>> {
    Db::open(golden::gunzip(path)).expect(path)
}

#[test]
fn a_store_of_etcd_3_5() {
    let db = open("full/e35.db.gz");
    let expected = StoreState {
        revision: 2724,
        consistent_index: 0xbb5,
        term: Some(2),
        cluster_version: Some("3.5.0".to_owned()),
        ..StoreState::default()
    };
    assert_eq!(StoreState::read(&db).unwrap(), expected);
    let lease = Lease {
        id: 0x12e2_a202_87b5_e305,
        ttl: 3600,
        remaining_ttl: 0,
    };
    assert_eq!(leases(&db).unwrap(), [lease]);
    let members = members(&db).unwrap();
    assert_eq!(
        (members.len(), members[0].id.to_string().as_str()),
        (1, "6d98515df91792e2")
    );
}

#[test]
fn a_store_of_etcd_3_4_has_no_term() {
    let db = open("full/e34.db.gz");
    let state = StoreState::read(&db).unwrap();
    assert_eq!(
        (state.revision, state.term, state.consistent_index),
        (1354, None, 0x5d5)
    );
    assert_eq!(state.cluster_version.as_deref(), Some("3.4.0"));
    assert_eq!(
        members(&db).unwrap()[0].client_urls,
        ["http://127.0.0.1:32278"]
    );
}

#[test]
fn compacted_stores_know_up_to_where() {
    for (history, revision, compacted) in [("compacted", 22, 16), ("all-deleted", 6, 6)] {
        let state = StoreState::read(&open(&format!("hash_kv/{history}.db.gz"))).unwrap();
        let both = Compacted {
            scheduled: Some(compacted),
            finished: Some(compacted),
        };
        assert_eq!(
            (state.revision, state.compaction),
            (revision, both),
            "{history}"
        );
    }
}

/// Trap 25: a compaction that was begun and not completed hides from HashKV what it will
/// remove. The histories `plain` and `compacted` hold the same changes, so `plain` with the
/// compaction of `compacted` pending must hash as that one does, entry for entry different.
#[test]
fn a_pending_compaction_hashes_as_a_completed_one() {
    let (plain, compacted) = (open("hash_kv/plain.db.gz"), open("hash_kv/compacted.db.gz"));
    let done = StoreState::read(&compacted).unwrap();
    let pending = Compacted {
        scheduled: done.compaction.scheduled,
        finished: None,
    };
    assert!(pending.is_pending());
    for revision in done.compaction.revision().unwrap()..=done.revision {
        let keep = Keep::of_database(&plain, revision, pending, 5).unwrap();
        let mut hash = HashKv::new(revision, pending.revision(), keep);
        let bucket = plain.bucket(bucket::KEY).unwrap().unwrap();
        let mut cursor = bucket.cursor();
        while let Some((key, value)) = cursor.next().unwrap() {
            hash.push(key, value).unwrap();
        }
        let expected = of_database(&compacted, Some(revision), 5).unwrap().hash;
        assert_eq!(hash.finish(), expected, "{revision}");
    }
}

/// Compacting at 0 is allowed once, and begins nothing that a started etcd would resume: it answers that it
/// was never compacted, and we said 0 (`fuzz-replay` 880789).
#[test]
fn a_compaction_begun_at_zero_is_none() {
    let begun = |revision: i64| {
        let value = [&revision.to_be_bytes()[..], b"_", &[0; 8]].concat();
        let meta = [(b"scheduledCompactRev".to_vec(), value)].into();
        let db = written::database(&[(b"meta".as_slice(), meta)].into());
        StoreState::read(&db).unwrap().compaction
    };
    assert_eq!(begun(0).revision(), None);
    assert!(!begun(0).is_pending());
    assert_eq!(begun(1).revision(), Some(1));
    assert!(begun(1).is_pending());
}
