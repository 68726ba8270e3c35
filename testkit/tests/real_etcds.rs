//! The client holds on every etcd: what it asks is understood, and what it reads is all of it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

use testkit::etcd::{Change, Compacted, Compare, Etcd, Op, Refused, Txn, Watched};
use testkit::oracles;

fn the_client(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    writes_are_read_again(&etcd);
    leases_are_granted_and_revoked(&etcd);
    a_snapshot_is_whole(&etcd);
    let etcd = what_was_written_survives_a_kill(etcd);
    the_past_is_gone_after_a_compaction(&etcd);
}

fn writes_are_read_again(etcd: &Etcd) {
    assert_eq!(etcd.put(b"a\xff", b"").unwrap(), 2);
    let within = Txn {
        compare: vec![Compare::ValueDiffers("b".into(), "x".into())],
        success: vec![Op::Put("wrong".into(), "".into(), 0)],
        failure: vec![Op::Put("b".into(), "x".into(), 0)],
    };
    let txn = Txn {
        compare: vec![
            Compare::VersionAbove("a\u{0}".into(), -1),
            Compare::CreatedAt(b"a\xff".into(), 2),
            Compare::WrittenBefore(b"a\xff".into(), 3),
        ],
        success: vec![Op::Txn(within), Op::Delete("a".into(), "b".into())],
        failure: vec![],
    };
    assert_eq!(etcd.txn(&txn).unwrap(), 3);
    let state = etcd.state().unwrap();
    assert_eq!((state.revision(), state.kvs().len()), (3, 1));
    assert_eq!(state.kvs()[0].key, "b".into());
    assert_eq!(etcd.state_at(2).unwrap().kvs()[0].key, b"a\xff".into());
    let Watched::Events(events) = etcd.watch(2, 3).unwrap() else {
        panic!("nothing is compacted yet");
    };
    let seen: Vec<_> = events.iter().map(|e| (e.revision(), e.change)).collect();
    assert_eq!(
        seen,
        [(2, Change::Put), (3, Change::Put), (3, Change::Delete)]
    );
    assert_eq!(etcd.hash_kv(0).unwrap().compact_revision.0, -1);
}

fn leases_are_granted_and_revoked(etcd: &Etcd) {
    let id = i64::MAX - 1;
    etcd.grant(id, 600).unwrap();
    let leased = Op::Put("leased".into(), "".into(), id);
    let txn = Txn {
        success: vec![leased],
        ..Txn::default()
    };
    etcd.txn(&txn).unwrap();
    assert_eq!(etcd.state().unwrap().leases(), [id]);
    assert_eq!(etcd.leases().unwrap(), [id]);
    assert_eq!(etcd.lease_time(id).unwrap().granted.0, 600);
    etcd.revoke(id).unwrap();
    assert_eq!(etcd.leases().unwrap(), [0_i64; 0]);
    assert_eq!(etcd.lease_time(id).unwrap().left.0, -1);
}

fn a_snapshot_is_whole(etcd: &Etcd) {
    let mut snapshot = Vec::new();
    etcd.snapshot(&mut snapshot).unwrap();
    assert_eq!(snapshot.len() % 512, 32);
}

fn what_was_written_survives_a_kill(etcd: Etcd) -> Etcd {
    let before = etcd.state().unwrap();
    let etcd = etcd.restart().unwrap();
    assert_eq!(etcd.state().unwrap().difference(&before), None);
    assert_eq!(etcd.revision().unwrap(), before.revision());
    etcd
}

fn the_past_is_gone_after_a_compaction(etcd: &Etcd) {
    etcd.compact(4, Compacted::Physically).unwrap();
    assert_eq!(etcd.watch(2, 4).unwrap(), Watched::Compacted(4));
    let refused = etcd.state_at(3).unwrap_err();
    assert!(
        refused
            .downcast::<Refused>()
            .unwrap()
            .message
            .contains("compacted")
    );
    assert_eq!(etcd.hash_kv(0).unwrap().compact_revision.0, 4);
}

testkit::on_every_etcd!(the_client);
