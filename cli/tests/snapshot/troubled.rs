use std::fs;
use std::time::Duration;

use testkit::etcd::{Compacted, Etcd, Member, Op, Txn};
use testkit::oracles;
use testkit::wait::until;

use crate::snapshotter::{Snapshotter, leads_to, metadata, names, verified};
use crate::support::Site;
use crate::support::cluster::{cluster, endpoints};

/// An etcd that is killed and started again while it is followed: deltas go on where they were.
fn an_etcd_that_dies_is_followed_when_it_is_back(version: &str) {
    let mut etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(2);
    for round in 0..3 {
        etcd.put(b"before the kill", &[round]).unwrap();
        etcd.restart_in_place().unwrap();
        let last = etcd.put(b"after it", &[round]).unwrap();
        snapshotter.stores(last);
    }
    assert_eq!(snapshotter.stop().code, Some(0));
    let fulls = names(&site)
        .into_iter()
        .filter(|name| name.starts_with("Full"));
    assert_eq!(fulls.count(), 1);
    leads_to(&site, &etcd, 8);
}

testkit::on_every_etcd!(an_etcd_that_dies_is_followed_when_it_is_back);

/// Somebody wiped the data directory, and etcd began anew at the same address, with the same ids: its revisions were
/// taken for those of the backups as soon as there were as many.
#[test]
fn an_etcd_that_was_wiped_is_another() {
    let binary = oracles::etcd("3.6.16").unwrap();
    let room = tempfile::tempdir().unwrap();
    let (member, data) = (Member::alone().unwrap(), room.path().join("data"));
    let mut etcd = Etcd::on(&binary, &member, &data).unwrap();
    let site = Site::new();
    for number in 0..5 {
        etcd.put(b"first", &[number]).unwrap();
    }
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(6);
    etcd.kill();
    fs::remove_dir_all(&data).unwrap();
    etcd.restart_in_place().unwrap();
    for number in 0..9 {
        etcd.put(b"second", &[number]).unwrap();
    }
    snapshotter.says("nothing proves that etcd has the history of the newest backups");
    let last = etcd.put(b"second", b"last").unwrap();
    snapshotter.stores(last);
    assert_eq!(snapshotter.stop().code, Some(0));
    leads_to(&site, &etcd, last);
    let lineages: std::collections::BTreeSet<String> = names(&site)
        .iter()
        .map(|name| metadata(&site, name)["lineage"]["id"].to_string())
        .collect();
    assert_eq!(lineages.len(), 2);
}

/// What was compacted while nobody watched is in no delta: the chain went on as if it were whole.
#[test]
fn what_was_compacted_meanwhile_is_a_hole_that_is_said() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    let put = |number: u8| etcd.put(b"a", &[number]).unwrap();
    put(1);
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(2);
    put(2);
    snapshotter.stores(3);
    assert_eq!(snapshotter.stop().code, Some(0));
    for number in 3..9 {
        put(number);
    }
    etcd.put(b"b", b"1").unwrap();
    let hash = etcd.hash_kv(7).unwrap().hash;
    // The newest event of the backups is still there to prove the history.
    etcd.compact(3, Compacted::Physically).unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.says("etcd has the history of the newest backups");
    snapshotter.stores(10);
    assert_eq!(snapshotter.stop().code, Some(0));
    // What is compacted since counts no more in the hash of the live one.
    assert_eq!(verified(&site, Some(7))["hash_kv"], hash);
    // Further: nothing proves it, and its log goes on.
    put(9);
    put(10);
    etcd.compact(12, Compacted::Physically).unwrap();
    // Of the compacted revision itself etcd remembers a hash that it made with the compaction before.
    put(11);
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.says(
        "goes on with the history of the newest backups; their last event could not be compared",
    );
    snapshotter.says("no delta holds revisions 11 to 13");
    snapshotter.stores(13);
    assert_eq!(snapshotter.stop().code, Some(0));
    leads_to(&site, &etcd, 13);
}

/// A range delete of 100,000 keys is one revision, which etcd cuts into pieces: half of it in a delta was a state
/// that etcd never had.
#[test]
fn a_revision_of_many_events_stays_whole() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(1);
    for chunk in 0..800 {
        let put = |number: i32| {
            let key = format!("key-{chunk:03}-{number:03}");
            Op::Put(key.as_bytes().into(), b"1".as_slice().into(), 0)
        };
        let success = (0..125).map(put).collect();
        let txn = Txn {
            success,
            ..Txn::default()
        };
        done_at_last(&etcd, &txn);
    }
    let all = Op::Delete(b"key-".as_slice().into(), b"key.".as_slice().into());
    let txn = Txn {
        success: vec![all],
        ..Txn::default()
    };
    let deleted = done_at_last(&etcd, &txn);
    let large = etcd.put(b"large", &vec![b'x'; 1_500_000]).unwrap();
    snapshotter.stores(large);
    // The full that a new etcd 3.6 takes for the version of what it stores may come before the delta.
    snapshotter.says(&format!("\"revision\":{large},\"events\":"));
    assert_eq!(snapshotter.stop().code, Some(0));
    leads_to(&site, &etcd, deleted - 1);
    leads_to(&site, &etcd, deleted);
    leads_to(&site, &etcd, large);
}

/// The revision of a transaction that may be sent again. On a machine with much to do an etcd takes longer than its 5 s for one
/// that is large, and does it all the same: the next one finds nothing left to delete, and makes no revision.
fn done_at_last(etcd: &Etcd, txn: &Txn) -> i64 {
    let limit = Duration::from_secs(120);
    until("a transaction", limit, || Ok(etcd.txn(txn).ok())).unwrap()
}

/// An etcd that is full takes no writes, and is what somebody wants to have a backup of.
#[test]
fn an_etcd_without_space_is_backed_up() {
    let binary = oracles::etcd("3.5.35").unwrap();
    let room = tempfile::tempdir().unwrap();
    let flags = ["--quota-backend-bytes", "1000000"].map(str::to_owned);
    let (member, data) = (Member::alone().unwrap(), room.path().join("data"));
    let etcd = Etcd::serving(&binary, &member, &data, &flags).unwrap();
    let site = Site::new();
    let put = |number: i32| etcd.put(format!("key-{number}").as_bytes(), &[7; 20_000]);
    let refused = (0..200).find(|number| put(*number).is_err());
    assert!(refused.is_some());
    let last = etcd.revision().unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(last);
    assert_eq!(snapshotter.stop().code, Some(0));
    leads_to(&site, &etcd, last);
    // With etcdutl the alarm is kept, too.
    let other = Member::alone().unwrap();
    let own = other.flags();
    site.restore(&Vec::from_iter(own.iter().map(String::as_str)));
    let restored = Etcd::serving(&binary, &other, &site.data_dir(), &[]).unwrap();
    let none = serde_json::json!({"action": "GET"});
    let alarms = restored.ask("maintenance/alarm", &none, None).unwrap();
    assert!(alarms.to_string().contains("NOSPACE"), "{alarms}");
}

/// The member that was asked died: nobody else was.
#[test]
fn another_member_is_asked_when_one_dies() {
    let room = tempfile::tempdir().unwrap();
    let mut etcds = cluster("3.5.35", room.path());
    let site = Site::new();
    etcds[0].put(b"a", b"1").unwrap();
    let all = endpoints(&etcds);
    let mut snapshotter = Snapshotter::start(&site, &etcds[0], &["--endpoints", &all]);
    snapshotter.stores(2);
    etcds[0].put(b"a", b"2").unwrap();
    snapshotter.stores(3);
    etcds[0].kill();
    let last = until("a leader", Duration::from_secs(30), || {
        Ok(etcds[1].put(b"a", b"3").ok())
    });
    let last = last.unwrap();
    snapshotter.stores(last);
    let run = snapshotter.stop();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    leads_to(&site, &etcds[1], last);
    let fulls = names(&site)
        .into_iter()
        .filter(|name| name.starts_with("Full"));
    assert_eq!(fulls.count(), 1);
}
