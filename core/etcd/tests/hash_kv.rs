//! HashKV computed from the database equals what real etcds answered on it.

mod golden;

use etcd::Error;
use etcd::hash_kv::{Answer, of_database};

const HISTORIES: [&str; 6] = [
    "plain",
    "compacted",
    "compacted-twice",
    "compacted-at-tombstone",
    "all-deleted",
    "deleted-after-compaction",
];

#[test]
fn every_revision_of_every_history_hashes_as_in_etcd() {
    for history in HISTORIES {
        let db = bolt::Db::open(golden::gunzip(&format!("hash_kv/{history}.db.gz"))).unwrap();
        let answers = String::from_utf8(golden::bytes(&format!("hash_kv/{history}.txt"))).unwrap();
        assert!(answers.lines().count() >= 2, "{history}");
        for line in answers.lines() {
            let numbers: Vec<i64> = line.split(' ').map(|n| n.parse().unwrap()).collect();
            let asked = Some(numbers[0]).filter(|revision| *revision != 0);
            let answer = of_database(&db, asked, 11).unwrap();
            let theirs = [
                i64::from(answer.hash),
                answer.compact_revision.unwrap_or(-1),
            ];
            assert_eq!(theirs, numbers[1..], "{history} at {asked:?}");
        }
    }
}

/// Answers of etcd 3.5.1 on the restored snapshots, at the current revision and at 1000.
#[test]
fn full_snapshots_hash_as_in_etcd() {
    for (full, revision, hash, hash_at_1000) in [
        ("e34", 1354, 3_505_973_701, 1_715_660_764),
        ("e35", 2724, 3_074_274_609, 1_402_371_230),
    ] {
        let db = bolt::Db::open(golden::gunzip(&format!("full/{full}.db.gz"))).unwrap();
        let current = Answer {
            revision,
            hash,
            compact_revision: None,
        };
        assert_eq!(of_database(&db, None, 3).unwrap(), current);
        assert_eq!(of_database(&db, Some(1000), 3).unwrap().hash, hash_at_1000);
    }
}

#[test]
fn revisions_outside_the_store_are_refused() {
    let db = bolt::Db::open(golden::gunzip("hash_kv/compacted.db.gz")).unwrap();
    let current = of_database(&db, None, 0).unwrap();
    let compacted = current.compact_revision.unwrap();
    for revision in [compacted - 1, current.revision + 1, i64::MAX, -1] {
        let refused = of_database(&db, Some(revision), 0);
        assert!(
            matches!(refused, Err(Error::NoSuchRevision { .. })),
            "{revision}: {refused:?}"
        );
    }
    assert!(of_database(&db, Some(compacted), 0).is_ok());
}
