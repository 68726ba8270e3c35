//! Three members, each restored for itself from the same backup, are one cluster.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sample;

use sample::E35;
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

fn three_members(version: &str) {
    let members = Member::cluster(["one", "two", "three"]).unwrap();
    let restored = members.map(|member| E35.restorer().restore_for(&member, &[]).unwrap());
    let places = restored.each_ref().map(|restored| restored.place());
    let etcds = Etcd::cluster(&oracles::etcd(version).unwrap(), &places).unwrap();

    let source = E35.state();
    for etcd in &etcds {
        assert_eq!(etcd.state().unwrap().difference(&source), None);
        assert_eq!(etcd.hash_kv(0).unwrap(), E35.hash_kv());
    }
    // Written through one member, read through all.
    let next = source.revision() + 1;
    assert_eq!(etcds[0].put(b"next", b"value").unwrap(), next);
    for etcd in &etcds {
        let state = etcd.state().unwrap();
        assert_eq!(
            (state.revision(), state.kvs().len()),
            (next, source.kvs().len() + 1)
        );
    }
    let hashes: Vec<_> = etcds
        .iter()
        .map(|etcd| etcd.hash_kv(next).unwrap())
        .collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
}

testkit::on_every_etcd!(three_members);
