//! Every etcd serves what was restored from the backups of the reference, and it is what their
//! sources held.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sample;

use sample::{E34, E35, Sample};
use testkit::etcd::{Etcd, State};
use testkit::oracles;

/// What `--unknown-lease-ttl` makes of a lease that only deltas name, in seconds.
const UNKNOWN_TTL: i64 = 24 * 3600;

/// What the sources granted every lease for, in seconds; the fulls say so.
const TTL_IN_FULL: i64 = 3600;

fn serves(sample: Sample, version: &str) {
    let source = sample.state();
    let restored = sample.restorer().restore(&[]).unwrap();
    let etcd = restored.boot(&oracles::etcd(version).unwrap()).unwrap();

    holds(&etcd, &source);
    let hash = etcd.hash_kv(0).unwrap();
    assert_eq!(hash, sample.hash_kv());
    let report = &restored.report;
    assert_eq!(
        (hash.hash, source.revision()),
        (report.hash_kv, report.revision)
    );
    every_key_has_its_lease(&etcd, &source, report.leases.recreated_with_default);

    let next = source.revision() + 1;
    assert_eq!(etcd.put(b"\0 before all others", b"new").unwrap(), next);
    let written = etcd.state().unwrap();
    assert_eq!(written.kvs().len(), source.kvs().len() + 1);
    holds(&etcd.restart().unwrap(), &written);
}

fn holds(etcd: &Etcd, source: &State) {
    let state = etcd.state().unwrap();
    assert_eq!(state.difference(source), None);
    assert_eq!(state.revision(), source.revision());
}

fn every_key_has_its_lease(etcd: &Etcd, source: &State, recreated: usize) {
    let (named, held) = (source.leases(), etcd.leases().unwrap());
    assert!(!named.is_empty() && named.iter().all(|lease| held.contains(lease)));
    let times = held.iter().map(|lease| etcd.lease_time(*lease).unwrap());
    let granted: Vec<i64> = times.map(|time| time.granted.signed()).collect();
    let count = |wanted| granted.iter().filter(|ttl| **ttl == wanted).count();
    assert_eq!(count(UNKNOWN_TTL), recreated, "{granted:?}");
    assert_eq!(count(TTL_IN_FULL), granted.len() - recreated, "{granted:?}");
}

fn e35_gzip(version: &str) {
    serves(E35, version);
}

fn e34_lzw(version: &str) {
    serves(E34, version);
}

testkit::on_every_etcd!(e35_gzip, e34_lzw);
