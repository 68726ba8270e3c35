//! Restores that change something beside the membership, on real etcds.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sample;

use sample::{E34, E35, Sample};
use serde_json::json;
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Compacted, Etcd, Member, Watched};
use testkit::oracles;
use testkit::restore::{Restored, Restorer};

fn boot(restored: &Restored, version: &str) -> Etcd {
    restored.boot(&oracles::etcd(version).unwrap()).unwrap()
}

/// With `--leases drop` what a delta wrote stays for ever, as after a restore by the reference.
fn leases_dropped(version: &str) {
    let restored = E35.restorer().restore(&["--leases", "drop"]).unwrap();
    let etcd = boot(&restored, version);
    let report = &restored.report;
    let source = E35.state().without_leases_after(report.base_revision);
    let state = etcd.state().unwrap();
    assert_eq!(state.difference(&source), None);
    assert_eq!(state.revision(), source.revision());
    assert_eq!(etcd.hash_kv(0).unwrap().hash, report.hash_kv);
    assert_eq!(etcd.leases().unwrap().len(), report.leases.kept);
    assert_eq!(report.leases.recreated_with_default, 0);
}

/// `--unknown-lease-ttl` is what a lease gets of which a delta holds nothing but the id.
fn unknown_leases_for_two_hours(version: &str) {
    let flags = ["--unknown-lease-ttl", "2h"];
    let restored = E34.restorer().restore(&flags).unwrap();
    let etcd = boot(&restored, version);
    let leases = etcd.leases().unwrap();
    let granted = leases
        .iter()
        .map(|id| etcd.lease_time(*id).unwrap().granted);
    let again = granted.filter(|ttl| ttl.signed() == 7200).count();
    assert_eq!(again, restored.report.leases.recreated_with_default);
    assert!(again > 0);
}

/// HashKV of a store without any entry.
const OF_NOTHING: u32 = 1_084_519_789;

/// A backup in which no key is live was refused by `--compact`, since HashKV is then over all that was
/// compacted too; and older etcds hash a tombstone of the last revision that newer ones pass over.
fn nothing_live_compacted(version: &str) {
    let room = tempfile::tempdir().unwrap();
    let binary = oracles::etcd(version).unwrap();
    let member = Member::alone().unwrap();
    let etcd = Etcd::on(&binary, &member, &room.path().join("source")).unwrap();
    for key in ["a", "b", "a"] {
        etcd.put(key.as_bytes(), b"value").unwrap();
    }
    // The same keys, as JSON has bytes.
    for key in ["YQ==", "Yg=="] {
        etcd.ask("kv/deleterange", &json!({ "key": key }), None)
            .unwrap();
    }
    let mut database = Vec::new();
    etcd.snapshot(&mut database).unwrap();
    let mut store = Store::create(room.path().join("store"), Layout::V2).unwrap();
    store
        .full(6, &database, Compression::Gzip, Occasion::Regular)
        .unwrap();
    let restorer = Restorer {
        program: env!("CARGO_BIN_EXE_etcdbrctl").into(),
        store: store.root().into(),
    };
    let restored = restorer.restore(&["--compact"]).unwrap();
    let report = &restored.report;
    assert_eq!((report.revision, report.hash_kv), (6, OF_NOTHING));
    let compacted = boot(&restored, version);
    assert_eq!(compacted.revision().unwrap(), 6);
    assert_eq!(compacted.hash_kv(0).unwrap().hash, OF_NOTHING);
    etcd.compact(6, Compacted::Physically).unwrap();
    let etcd = etcd.restart().unwrap();
    assert_eq!(etcd.hash_kv(0).unwrap().hash, OF_NOTHING);
}

/// `--compact` leaves what an etcd leaves that compacts at its last revision: the witness is one
/// that did. It is asked after a restart, since until then it may answer from a cache.
fn compacted(version: &str) {
    let sample = if version == "3.5.1" { E35 } else { E34 };
    let source = sample.state();
    let witness = compacted_by_itself(sample, version, source.revision());

    let restored = sample.restorer().restore(&["--compact"]).unwrap();
    let etcd = boot(&restored, version);
    let state = etcd.state().unwrap();
    assert_eq!(state.difference(&source), None);
    assert_eq!(state.revision(), source.revision());
    let hash = etcd.hash_kv(0).unwrap();
    assert_eq!(hash.compact_revision.signed(), source.revision());
    assert_eq!((hash.hash, hash.hash), (restored.report.hash_kv, witness));
    assert_eq!(
        etcd.watch(2, 3).unwrap(),
        Watched::Compacted(source.revision())
    );
    assert_eq!(etcd.put(b"next", b"").unwrap(), source.revision() + 1);
}

fn compacted_by_itself(sample: Sample, version: &str, revision: i64) -> u32 {
    let plain = sample.restorer().restore(&[]).unwrap();
    let witness = boot(&plain, version);
    witness.compact(revision, Compacted::Physically).unwrap();
    let hash = witness.restart().unwrap().hash_kv(0).unwrap();
    assert_eq!(hash.compact_revision.signed(), revision);
    hash.hash
}

const BUMP: i64 = 1_000_000;

/// A client that watches from a revision it saw before must be told to start over.
fn bumped_and_marked(version: &str) {
    let flags = ["--bump-revision", "1000000", "--mark-compacted"];
    let restored = E35.restorer().restore(&flags).unwrap();
    let etcd = boot(&restored, version);
    let source = E35.state();
    let revision = source.revision() + BUMP;
    let state = etcd.state().unwrap();
    assert_eq!(state.difference(&source), None);
    assert_eq!(
        (state.revision(), restored.report.revision),
        (revision, revision)
    );
    let hash = etcd.hash_kv(0).unwrap();
    assert_eq!(hash.compact_revision.signed(), revision);
    assert_eq!(hash.hash, restored.report.hash_kv);
    for old in [2, source.revision(), revision - 1] {
        assert_eq!(
            etcd.watch(old, revision).unwrap(),
            Watched::Compacted(revision)
        );
    }
    assert_eq!(etcd.put(b"next", b"").unwrap(), revision + 1);
    // The compaction that etcd goes on with at its start ends before another restart.
    let etcd = etcd.restart().unwrap();
    assert_eq!(etcd.revision().unwrap(), revision + 1);
    assert_eq!(etcd.hash_kv(0).unwrap().compact_revision.signed(), revision);
}

/// Without the mark the past can still be read.
fn bumped(version: &str) {
    let restored = E34
        .restorer()
        .restore(&["--bump-revision", "1000000"])
        .unwrap();
    let etcd = boot(&restored, version);
    let source = E34.state();
    let state = etcd.state().unwrap();
    assert_eq!(state.difference(&source), None);
    assert_eq!(state.revision(), source.revision() + BUMP);
    assert_eq!(etcd.hash_kv(0).unwrap().hash, restored.report.hash_kv);
    let then = etcd.state_at(source.revision()).unwrap();
    assert_eq!(then.difference(&source), None);
    let etcd = etcd.restart().unwrap();
    assert_eq!(
        etcd.put(b"next", b"").unwrap(),
        source.revision() + BUMP + 1
    );
}

testkit::on_every_etcd!(
    leases_dropped,
    unknown_leases_for_two_hours,
    compacted,
    nothing_live_compacted,
    bumped_and_marked,
    bumped,
);
