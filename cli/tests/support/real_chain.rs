use testkit::etcd::{Etcd, Op, Txn};
use testkit::oracles;

use super::{Run, Site};

/// The backups of an etcd that runs: a full, and two deltas after it.
pub(crate) struct RealChain {
    pub(crate) site: Site,
    pub(crate) etcd: Etcd,
    /// The revisions at the end of the full and of each delta.
    pub(crate) ends: [i64; 3],
}

impl RealChain {
    /// Of an etcd of this version.
    pub(crate) fn of(version: &str) -> Self {
        let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
        let site = Site::new();
        etcd.grant(77, 3600).unwrap();
        write(&etcd, 1);
        // A change of that takes a full.
        etcd.until_its_version_is_stored().unwrap();
        let mut ends = [0; 3];
        for (round, kind) in ["full", "delta", "delta"].into_iter().enumerate() {
            write(&etcd, 2 + u8::try_from(round).unwrap());
            take(&site, &etcd, &[kind]);
            ends[round] = etcd.revision().unwrap();
        }
        Self { site, etcd, ends }
    }
}

/// Takes a snapshot.
pub(crate) fn take(site: &Site, etcd: &Etcd, words: &[&str]) {
    let endpoint = ["--endpoints", etcd.client_url()];
    let run = Run::of(site.command("snapshot", &[words, &endpoint].concat()));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

/// Puts on twelve keys, and a deletion.
pub(crate) fn write(etcd: &Etcd, round: u8) {
    for number in 0..12 {
        let key = format!("/registry/key-{number}");
        etcd.put(key.as_bytes(), &[round; 40]).unwrap();
    }
    let key = b"/registry/key-3".as_slice();
    let delete = Txn {
        success: vec![Op::Delete(key.into(), b"".as_slice().into())],
        ..Default::default()
    };
    etcd.txn(&delete).unwrap();
}
