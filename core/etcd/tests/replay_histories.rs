//! Databases and logs that do not belong together, and such as look like it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failure is the test's")]

mod invented;
mod written;

use std::collections::BTreeMap;

use etcd::membership::MemberId;
use etcd::raftpb::Entry;
use etcd::replay::{Answer, Unreadable, bounds};
use etcd::wal::{Log, Start};
use invented::{
    Database, after_founding, answer, applied, founded, holding, log, log_of, normal, put,
};

fn keys(from: u8, to: u8) -> Vec<Vec<u8>> {
    (from..to).map(|key| vec![key]).collect()
}

fn puts(keys: &[Vec<u8>]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| put(key)).collect()
}

fn unreadable(db: &Database, log: &Log<Vec<u8>>) -> Unreadable {
    match (answer(db, log), bounds(db, log).unwrap()) {
        (Answer::Unreadable(one), Answer::Unreadable(other)) if one == other => one,
        other => panic!("{other:?}"),
    }
}

/// Somebody put a restored database over that of a member, whose log stayed. It was called whole; etcd
/// applied the whole log to it, and each key had twice as many versions.
#[test]
fn a_restored_database_over_an_old_log_is_seen_by_its_revision() {
    let written = founded(&puts(&keys(b'a', b'f')), Start::default());
    let restored = holding(&keys(b'a', b'f'), 1, MemberId(1));
    let copied = Unreadable::NotOfThisLog {
        consistent_index: 1,
        revision: 6,
    };
    assert_eq!(unreadable(&restored, &written), copied);
    // One that was killed before it wrote to its database is whole.
    assert_eq!(
        answer(&holding(&[], 1, MemberId(1)), &written),
        Answer::Exact(6)
    );
    // So is one that a restore has made, which may begin at any revision.
    let others = founded(&puts(&keys(b'p', b's')), after_founding());
    assert_eq!(answer(&restored, &others), Answer::Exact(9));
}

/// The same beside a log that a restore has begun: any revision may be its first. What its entries
/// asked for is in the database already. (An etcd 3.5.1 on what etcdctl 3.4 has restored leaves just
/// that, as it does not note what it has applied: every write is there twice after its next start.)
#[test]
fn what_a_restored_database_holds_already_is_seen_by_its_writes() {
    let log = founded(&puts(&keys(b'c', b'p')), after_founding());
    let newer = holding(&keys(b'a', b'n'), 1, MemberId(1));
    let twice = Unreadable::AppliedAlready {
        consistent_index: 1,
        held: 12,
    };
    assert_eq!(unreadable(&newer, &log), twice);
    // Nobody knows the writer of a database that holds one or two of them.
    let older = holding(&keys(b'a', b'd'), 1, MemberId(1));
    assert_eq!(answer(&older, &log), Answer::Exact(17));
}

/// A database of another history that has applied as many entries, under the same ids and in the same
/// term: all numbers fit, and etcd goes on with the writes of both.
#[test]
fn a_database_of_other_writes_is_seen_by_them() {
    let log = founded(&puts(&keys(b'a', b'z')), Start::default());
    assert_eq!(
        answer(&holding(&keys(b'a', b'k'), 11, MemberId(1)), &log),
        Answer::Exact(26)
    );
    let other = holding(&keys(b'A', b'K'), 11, MemberId(1));
    let differs = Unreadable::OtherWrites {
        index: 10,
        revision: 11,
    };
    assert_eq!(unreadable(&other, &log), differs);
    // etcd 3.5.0 to 3.5.2 may note an entry that is not in the database yet.
    let one_short = holding(&keys(b'a', b'j'), 11, MemberId(1));
    assert_eq!(answer(&one_short, &log), Answer::Exact(25));
}

/// The entries between an old database and a newer snapshot were called lost, and all of them were in
/// the log.
#[test]
fn entries_before_a_snapshot_are_in_the_log_or_lost() {
    let all = founded(&puts(&keys(b'a', b'f')), after_founding());
    let newer = Unreadable::SnapshotIsNewer {
        consistent_index: 0,
        start: 1,
    };
    let empty = applied(0, 0);
    assert_eq!(unreadable(&empty, &all), newer);
    assert!(newer.to_string().contains("are in the log"), "{newer}");
    let lost = unreadable(&empty, &log(&[1], &puts(&keys(b'a', b'f')), 5));
    assert!(lost.to_string().contains("are lost"), "{lost}");
}

/// etcdctl 3.4 leaves the term of the cluster that a snapshot was taken of, and etcd 3.4 never writes
/// one: a member that it restored, and served, was called damaged at every moment.
#[test]
fn a_term_of_the_cluster_before_a_restore_says_nothing() {
    let fresh = founded(&puts(&keys(b'a', b'c')), after_founding());
    assert_eq!(answer(&applied(1, 6), &fresh), Answer::Exact(3));
    let served = |version: &str| {
        let bytes = |number: u64| number.to_be_bytes().to_vec();
        let meta = BTreeMap::from([
            (b"consistent_index".to_vec(), bytes(3)),
            (b"term".to_vec(), bytes(6)),
        ]);
        let version = version.as_bytes().to_vec();
        let cluster = BTreeMap::from([(b"clusterVersion".to_vec(), version)]);
        written::database(&BTreeMap::from([
            (b"cluster".as_slice(), cluster),
            (b"meta".as_slice(), meta),
        ]))
    };
    assert_eq!(answer(&served("3.4.0"), &fresh), Answer::Exact(1));
    assert!(matches!(
        answer(&served("3.5.0"), &fresh),
        Answer::Unreadable(_)
    ));
}

#[test]
fn a_database_and_a_log_of_two_histories_say_nothing() {
    let puts = [put(b"a"), put(b"b")];
    let whole = log(&[1], &puts, 6);
    let behind = Unreadable::LogBeginsLater {
        consistent_index: 3,
        start: 4,
    };
    assert_eq!(unreadable(&applied(3, 2), &whole), behind);
    let ahead = Unreadable::LogEndsEarlier {
        consistent_index: 7,
        last: 6,
    };
    assert_eq!(unreadable(&applied(7, 2), &whole), ahead);
    let foreign = Unreadable::OtherTerm {
        index: 5,
        applied: 3,
        logged: 2,
    };
    assert_eq!(unreadable(&applied(5, 3), &whole), foreign);
    let cut = Unreadable::CommitPastEnd { commit: 9, last: 6 };
    assert_eq!(unreadable(&applied(5, 2), &log(&[1], &puts, 9)), cut);
    // A term of 0 was never recorded, and that of a restore, 1, is left alone by etcd 3.4: every
    // member that it ran on a restored directory was called damaged.
    assert_eq!(answer(&applied(5, 0), &whole), Answer::Exact(2));
    assert_eq!(answer(&applied(5, 1), &whole), Answer::Exact(2));
}

/// An etcd 3.5 ran on a member for a while, and 3.4 again: it leaves the term that 3.5 wrote, and
/// every such member was called damaged.
#[test]
fn a_term_that_is_older_than_the_log_is_that_of_an_etcd_that_was_rolled_back() {
    let entries = [put(b"a"), put(b"b")].map(|data| Entry {
        term: 5,
        ..normal(0, data)
    });
    let grown = log_of(&[1], &entries, 6);
    assert_eq!(answer(&applied(5, 3), &grown), Answer::Exact(2));
    let of_3_5 = |term: u64| {
        let bytes = |number: u64| number.to_be_bytes().to_vec();
        let meta = BTreeMap::from([
            (b"consistent_index".to_vec(), bytes(5)),
            (b"term".to_vec(), bytes(term)),
        ]);
        let cluster = BTreeMap::from([(b"clusterVersion".to_vec(), b"3.5.0".to_vec())]);
        written::database(&BTreeMap::from([
            (b"cluster".as_slice(), cluster),
            (b"meta".as_slice(), meta),
        ]))
    };
    assert_eq!(answer(&of_3_5(5), &grown), Answer::Exact(2));
    assert!(matches!(answer(&of_3_5(3), &grown), Answer::Unreadable(_)));
}

/// Of a damaged database it was not said any more how much it may hold, since its last keys could not be
/// checked against the log: a member of which all was in the backups was kept.
#[test]
fn a_damaged_database_is_bounded_by_its_numbers() {
    let at = etcd::revision::Entry::put(etcd::revision::Revision::new(5, 0));
    let key = BTreeMap::from([(at.to_bytes().to_vec(), b"\xff\xff".to_vec())]);
    let meta = BTreeMap::from([
        (b"consistent_index".to_vec(), 5_u64.to_be_bytes().to_vec()),
        (b"term".to_vec(), 2_u64.to_be_bytes().to_vec()),
    ]);
    let damaged = written::database(&BTreeMap::from([
        (b"key".as_slice(), key),
        (b"meta".as_slice(), meta),
    ]));
    let ahead = log(&[1], &puts(&keys(b'a', b'd')), 7);
    match bounds(&damaged, &ahead).unwrap() {
        Answer::Between { lower, upper, .. } => assert_eq!((lower, upper), (5, 7)),
        other => panic!("{other:?}"),
    }
    // And where the log has nothing to add, its users and leases are known.
    let applied = log(&[1], &puts(&keys(b'a', b'b')), 5);
    assert_eq!(answer(&damaged, &applied), Answer::Exact(5));
}
