use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use testkit::backup::{Compression, compress};
use testkit::etcd::Etcd;
use testkit::oracles;

use crate::run::{etcdbrctl, json, objects, snapshot, succeeded, verified};
use crate::support::real_chain::{take, write};
use crate::support::{Site, contents};

const STORE: [&str; 2] = ["--store-container", "store"];

fn imported(site: &Site, words: &[&str]) -> Value {
    let words = [&["import", "-o", "json"], &STORE[..], words].concat();
    json(&etcdbrctl(site, &words))
}

/// When a test snapshot was taken: 2025-11-22T09:13:06Z.
const TAKEN: u64 = 1_763_802_786;

fn aged(site: &Site, name: &str) {
    let file = File::options().write(true).open(site.path().join(name));
    let taken = SystemTime::UNIX_EPOCH + Duration::from_secs(TAKEN);
    file.unwrap().set_modified(taken).unwrap();
}

/// A snapshot of etcdctl or k3s came into a store only by hand, under a name that one had to know how to make.
#[test]
fn a_plain_snapshot_becomes_a_full_of_the_store() {
    let site = Site::new();
    let (_, bytes) = snapshot(&site);
    aged(&site, "my.db");
    let plain = verified(&site, "my.db");
    let revision = plain["revision"].as_i64().unwrap();
    let dry_run = imported(&site, &["my.db", "--dry-run"]);
    let name = format!("Full-00000000-{revision:08}-{TAKEN}");
    assert_eq!(dry_run["outcome"], "would_be_imported", "{dry_run}");
    assert_eq!(dry_run["snapshot"], format!("v2/{name}"), "{dry_run}");
    assert_eq!(objects(&site), [""; 0]);
    let report = imported(&site, &["my.db"]);
    assert_eq!(report["outcome"], "imported", "{report}");
    assert_eq!(report["time"], "2025-11-22T09:13:06Z", "{report}");
    assert_eq!(report["members"][0], "default", "{report}");
    assert_eq!(
        objects(&site),
        [format!("meta/{name}.json"), format!("v2/{name}")]
    );
    assert!(site.read(&name) == bytes, "{report}");
    let from_store = succeeded(&site.run("verify", &["-o", "json"]))
        .stdout
        .clone();
    let from_store: Value = serde_json::from_str(&from_store).unwrap();
    for same in ["revision", "hash_kv", "compact_revision"] {
        assert_eq!(from_store[same], plain[same], "{same}");
    }
    let metadata = fs::read(site.store().join("meta").join(format!("{name}.json"))).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(metadata["holds"], revision, "{metadata}");
    assert_eq!(metadata["raw_sha256"], report["sha256"], "{metadata}");
    assert!(metadata["lineage"].is_null(), "{metadata}");
}

/// A schedule may import the same file again and again.
#[test]
fn what_is_there_is_not_imported_again() {
    let site = Site::new();
    snapshot(&site);
    aged(&site, "my.db");
    imported(&site, &["my.db"]);
    let before = contents(&site.store());
    // By another time, and packed otherwise, it is the same database.
    let again = [
        "my.db",
        "--time",
        "2026-01-01T00:00:00Z",
        "--compression-policy",
        "gzip",
    ];
    let report = imported(&site, &again);
    assert_eq!(report["outcome"], "was_there", "{report}");
    assert_eq!(report["time"], "2025-11-22T09:13:06Z", "{report}");
    assert!(contents(&site.store()) == before);
}

/// "It is there already" was said of an object of which 100 bytes were left, run after run of a schedule.
#[test]
fn what_was_damaged_is_not_there() {
    let site = Site::new();
    snapshot(&site);
    aged(&site, "my.db");
    let name = imported(&site, &["my.db"])["snapshot"].clone();
    let object = site.store().join(name.as_str().unwrap());
    let bytes = fs::read(&object).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    for damaged in [&bytes[..100], &flipped] {
        fs::write(&object, damaged).unwrap();
        etcdbrctl(&site, &["import", "my.db", "--store-container", "store"])
            .failed_with(&["is damaged now", name.as_str().unwrap()]);
        assert!(fs::read(&object).unwrap() == damaged);
    }
    fs::write(&object, bytes).unwrap();
    assert_eq!(imported(&site, &["my.db"])["outcome"], "was_there");
}

/// A full of that name that nothing is known of may hold anything.
#[test]
fn what_has_the_name_stays() {
    let site = Site::new();
    snapshot(&site);
    aged(&site, "my.db");
    let name = imported(&site, &["my.db", "--dry-run"])["snapshot"].clone();
    let name = name
        .as_str()
        .unwrap()
        .strip_prefix("v2/")
        .unwrap()
        .to_owned();
    site.put(&name, "precious");
    let words = [&["import", "my.db"], &STORE[..]].concat();
    etcdbrctl(&site, &words).failed_with(&[&name, "stays as it is", "hint: say with --time"]);
    assert_eq!(site.read(&name), b"precious");
}

#[test]
fn it_is_packed_as_is_asked_for_however_it_came() {
    let site = Site::new();
    let (_, bytes) = snapshot(&site);
    for (number, (came, policy)) in [
        (Compression::None, "zstd"),
        (Compression::Gzip, "gzip"),
        (Compression::None, "zlib"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = format!("{number}.file");
        fs::write(site.path().join(&file), compress(came, &bytes)).unwrap();
        let store = format!("store-{number}");
        let words = [
            "import",
            &file,
            "--store-container",
            &store,
            "--compression-policy",
            policy,
        ];
        fs::create_dir(site.path().join(&store)).unwrap();
        let run = etcdbrctl(&site, &[&words[..], &["--read-back"]].concat());
        assert!(
            succeeded(&run).stdout.contains("Imported"),
            "{}",
            run.stdout
        );
        let verify = ["verify", "--store-container", &store, "-o", "json"];
        assert_eq!(json(&etcdbrctl(&site, &verify))["hashes"], "checked");
    }
}

/// A store of plain snapshots, one a day, is one that every command works on; a snapshotter that begins in it begins a
/// lineage of its own.
#[test]
fn snapshots_of_etcdctl_make_a_store() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.1").unwrap()).unwrap();
    let site = Site::new();
    let mut revisions = Vec::new();
    for day in 1..=3_u8 {
        write(&etcd, day);
        let file = format!("day-{day}.db");
        etcd.save_snapshot(&site.path().join(&file)).unwrap();
        revisions.push(etcd.revision().unwrap());
        let time = format!("2026-01-0{day}T00:00:00Z");
        let report = imported(&site, &[&file, "--time", &time]);
        assert_eq!(report["warnings"], Value::Array(Vec::new()), "{report}");
    }
    let restored = site.restore(&[]);
    assert_eq!(restored["revision"], revisions[2], "{restored}");
    fs::remove_dir_all(site.data_dir()).unwrap();
    let middle = site.restore(&["--to-revision", &revisions[1].to_string()]);
    assert_eq!(middle["hash_kv"], etcd.hash_kv(revisions[1]).unwrap().hash);
    fs::remove_dir_all(site.data_dir()).unwrap();
    write(&etcd, 9);
    take(&site, &etcd, &["full"]);
    // Of a lineage whose end is newer an older file is no danger, and it is told how to get it.
    write(&etcd, 10);
    etcd.save_snapshot(&site.path().join("late.db")).unwrap();
    let told = imported(&site, &["late.db", "--time", "2026-01-04T00:00:00Z"]);
    assert!(
        told["warnings"][0]
            .as_str()
            .unwrap()
            .contains("restored by its name"),
        "{told}"
    );
    let name = told["snapshot"].as_str().unwrap().to_owned();
    let by_name = site.restore(&["--snapshot", &name]);
    assert_eq!(by_name["revision"], etcd.revision().unwrap(), "{by_name}");
}
