use std::process::Command;

use serde_json::Value;
use testkit::etcd::Etcd;
use testkit::oracles;

use crate::snapshotter::{Snapshotter, leads_to, names};
use crate::support::{Run, Site};

/// Fulls and deltas in zstd are read by everything that reads backups, and it is said that the reference cannot read them.
/// Its names end so that it fails on them aloud: of an object that it passed over, it would restore an older state.
#[test]
fn backups_in_zstd_are_read_by_every_command() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", &[7; 100_000]).unwrap();
    let flags = ["--compression-policy", "zstd", "--compression-level", "3"];
    let mut snapshotter = Snapshotter::start(&site, &etcd, &flags);
    snapshotter.says("etcd-backup-restore cannot read it");
    snapshotter.stores(2);
    for number in 0..5 {
        let last = etcd.put(b"b", &[number]).unwrap();
        snapshotter.stores(last);
    }
    assert_eq!(snapshotter.stop().code, Some(0));
    let names = names(&site);
    assert!(
        names.len() > 5 && names.iter().all(|name| name.ends_with(".zst")),
        "{names:?}"
    );
    for revision in 2..=7 {
        leads_to(&site, &etcd, revision);
    }
    let hash = etcd.hash_kv(0).unwrap().hash;
    assert_eq!(site.restore(&[])["hash_kv"], hash);
    let json = |command: &str, directory: &str| {
        let directory = site.path().join(directory);
        let flags = ["--data-dir", directory.to_str().unwrap(), "-o", "json"];
        let run = site.run(command, &flags);
        assert_eq!(run.code, Some(0), "{} {}", run.stdout, run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    json("validate", "out/new.etcd");
    assert_eq!(json("initialize", "begun")["restored"]["hash_kv"], hash);
    let listed = site.run("list", &[]);
    assert!(listed.stdout.contains("2..7"), "{}", listed.stdout);
    let full = names.iter().rfind(|name| name.starts_with("Full"));
    let full = site.object(full.unwrap());
    for words in [&["inspect", "db"][..], &["verify", "--from-file"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().args(words).arg(&full);
        let run = Run::of(command);
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.stderr);
    }
}
