//! Three real members, one of them killed and its database gone: that it has others stands in its log
//! alone. Restored by itself it would be a second cluster, and have forgotten what it voted for.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Run, contents};
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

/// Three members that serve. A port that was free may be another test's before they listen on it.
fn cluster(version: &str, room: &Path) -> (Vec<Etcd>, Vec<(Member, PathBuf)>) {
    Etcd::three(&oracles::etcd(version).unwrap(), room, &[]).unwrap()
}

fn the_log_knows_of_the_others(version: &str) {
    let room = tempfile::tempdir().unwrap();
    let (etcds, members) = cluster(version, room.path());
    let mut revision = 1;
    for count in 0..20 {
        revision = etcds[0]
            .put(format!("key-{count}").as_bytes(), b"value")
            .unwrap();
    }
    let mut database = Vec::new();
    etcds[0].snapshot(&mut database).unwrap();
    let mut store = Store::create(room.path().join("store"), Layout::V2).unwrap();
    store
        .full(revision, &database, Compression::Gzip, Occasion::Regular)
        .unwrap();
    etcds[2].kill_now().unwrap();
    drop(etcds);

    let dir = &members[2].1;
    let mut file = File::options()
        .write(true)
        .open(dir.join("member/snap/db"))
        .unwrap();
    file.write_all(&[0; 2 * 4096]).unwrap();
    let before = contents(dir);
    // Nothing but the log says so: not the flags.
    for args in [&["initialize"][..], &["initialize", "--dry-run"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().args(args).arg("--data-dir").arg(dir);
        command.arg("--store-container").arg(store.root());
        let run = Run::of(command);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("is damaged: member/snap/db"), "{said}");
        assert!(said.contains("a cluster with others"), "{said}");
    }
    assert!(contents(dir) == before, "touched");
}

testkit::on_every_etcd!(the_log_knows_of_the_others);
