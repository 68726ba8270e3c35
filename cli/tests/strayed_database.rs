//! A database that is not the one its log goes on from, and such as only look like it: copied over an
//! old log by hand, or older than the newest snapshot. What an etcd makes of each is shown by one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damage;
mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use damage::copy;
use serde_json::Value;
use support::{Run, contents};
use tempfile::TempDir;
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Etcd, Member};
use testkit::oracles::{self, Binary};

const DB: &str = "member/snap/db";

/// A member at revision 31, which was killed, and a full backup of just that.
struct Copied {
    room: TempDir,
    binary: Binary,
    member: Member,
    /// The backup, without the hash at its end.
    snapshot: Vec<u8>,
}

impl Copied {
    fn new(version: &str) -> Self {
        let room = tempfile::tempdir().unwrap();
        let (binary, member) = (oracles::etcd(version).unwrap(), Member::alone().unwrap());
        let mut etcd = Etcd::on(&binary, &member, &room.path().join("data")).unwrap();
        for at in 0..30 {
            put(&etcd, at);
        }
        let mut snapshot = Vec::new();
        etcd.snapshot(&mut snapshot).unwrap();
        let mut store = Store::create(room.path().join("store"), Layout::V2).unwrap();
        store
            .full(31, &snapshot, Compression::None, Occasion::Regular)
            .unwrap();
        etcd.kill();
        snapshot.truncate(snapshot.len() - 32);
        Self {
            room,
            binary,
            member,
            snapshot,
        }
    }

    fn dir(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    fn start(&self, name: &str) -> Etcd {
        Etcd::on(&self.binary, &self.member, &self.dir(name)).unwrap()
    }

    /// Verdict, exit code and words of `verb`, with the store beside it.
    fn run(&self, verb: &str, name: &str) -> (Value, Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().args([verb, "--output", "json"]);
        command.arg("--data-dir").arg(self.dir(name));
        command.arg("--store-container").arg(self.dir("store"));
        if verb != "validate" {
            command.args(self.member.flags());
        }
        let run = Run::of(command);
        let said: Value = serde_json::from_str(&run.stdout).unwrap();
        let words = said["explanation"].as_str().unwrap_or_default().to_owned();
        (said, run.code, words)
    }
}

fn put(etcd: &Etcd, at: i64) {
    let (key, value) = (format!("k{}", at % 5), format!("v{at}"));
    etcd.put(key.as_bytes(), value.as_bytes()).unwrap();
}

/// How often the key was written since it is there.
fn versions(etcd: &Etcd, key: &str) -> i64 {
    let state = etcd.state().unwrap();
    let mut kvs = state.kvs().iter();
    let found = kvs.find(|kv| kv.key.0 == key.as_bytes());
    found.unwrap().version.signed()
}

/// Of a restored directory only `member/snap/db` was copied over that of the old member, whose log
/// stayed. It was called whole, "between revision 31 and 61", and etcd applied its log a second time.
fn a_restored_database_over_an_old_log_is_damage(version: &str) {
    let copied = Copied::new(version);
    let (_, code, words) = copied.run("restore", "restored");
    assert_eq!(code, Some(0), "{words}");
    let db = copied.dir("data").join(DB);
    fs::copy(copied.dir("restored").join(DB), &db).unwrap();
    let doubled = copied.dir("doubled");
    copy(&copied.dir("data"), &doubled);
    let before = contents(&copied.dir("data"));
    let (said, code, words) = copied.run("validate", "data");
    assert_eq!(
        (&said["verdict"], code),
        (&"DataDirectoryCorrupt".into(), Some(12))
    );
    assert!(words.contains("apply the log to it once more"), "{words}");
    assert!(contents(&copied.dir("data")) == before, "it was touched");

    // That is what etcd does.
    let etcd = copied.start("doubled");
    assert_eq!((etcd.revision().unwrap(), versions(&etcd, "k1")), (61, 12));
    put(&etcd, 30);
    etcd.snapshot(std::io::sink()).unwrap();
    drop(etcd);
    // It has served it, and goes on with it: taking that away would lose what was written since.
    assert_eq!(
        copied.run("validate", "doubled").0["verdict"],
        "DataDirectoryValid"
    );

    let (said, code, words) = copied.run("initialize", "data");
    assert_eq!(
        (&said["restored"]["revision"], code),
        (&31.into(), Some(0)),
        "{words}"
    );
    assert!(said["old"]["path"].is_string(), "{said}");
    let etcd = copied.start("data");
    assert_eq!((etcd.revision().unwrap(), versions(&etcd, "k1")), (31, 6));
}

/// The same with what `etcdctl snapshot save` has written, which says what it has applied: etcd goes on
/// from there, and so it must not be called damaged.
fn a_saved_database_over_its_own_log_is_none(version: &str) {
    let copied = Copied::new(version);
    let etcd = copied.start("data");
    (30..40).for_each(|at| put(&etcd, at));
    drop(etcd);
    fs::write(copied.dir("data").join(DB), &copied.snapshot).unwrap();
    let (said, code, words) = copied.run("validate", "data");
    assert_eq!(
        (&said["verdict"], code),
        (&"DataDirectoryValid".into(), Some(0)),
        "{words}"
    );
    let etcd = copied.start("data");
    assert_eq!((etcd.revision().unwrap(), versions(&etcd, "k1")), (41, 8));
}

/// Two members were given the same name, token and addresses, and wrote as much: entries, terms and ids
/// are alike, and a database of the one over the log of the other was called whole.
fn a_database_of_another_history_is_damage(version: &str) {
    let copied = Copied::new(version);
    let other = Etcd::on(&copied.binary, &copied.member, &copied.dir("other")).unwrap();
    (100..140).for_each(|at| put(&other, at));
    other.snapshot(std::io::sink()).unwrap();
    drop(other);
    fs::write(copied.dir("other").join(DB), &copied.snapshot).unwrap();
    let (said, code, words) = copied.run("validate", "other");
    assert_eq!(
        (&said["verdict"], code),
        (&"DataDirectoryCorrupt".into(), Some(12)),
        "{words}"
    );
    assert!(words.contains("two histories"), "{words}");
}

/// A database that was put back beside newer `.snap` files: "the entries between are lost", and they were
/// all in the log. Without those files etcd applied every one of them.
fn the_entries_before_a_snapshot_are_not_lost(version: &str) {
    let copied = Copied::new(version);
    let often = ["--snapshot-count", "20"].map(str::to_owned);
    let dir = copied.dir("data");
    let etcd = Etcd::serving(&copied.binary, &copied.member, &dir, &often).unwrap();
    (30..90).for_each(|at| put(&etcd, at));
    etcd.snapshot(std::io::sink()).unwrap();
    drop(etcd);
    fs::write(dir.join(DB), &copied.snapshot).unwrap();
    let (said, code, words) = copied.run("validate", "data");
    assert_eq!(
        (&said["verdict"], code),
        (&"DataDirectoryCorrupt".into(), Some(12)),
        "{words}"
    );
    assert!(
        words.contains("The entries between are in the log"),
        "{words}"
    );
    assert!(!words.contains("lost"), "{words}");
    // What is lost by going back to the backups is known: all that the log holds.
    let mut preview = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    preview
        .env_clear()
        .args(["initialize", "--dry-run", "--data-dir"])
        .arg(&dir);
    preview
        .arg("--store-container")
        .arg(copied.dir("store"))
        .args(copied.member.flags());
    let preview = Run::of(preview).stdout;
    assert!(
        preview.contains("at most 60 revisions, 32 to 91"),
        "{preview}"
    );
    for entry in fs::read_dir(dir.join("member/snap")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|suffix| suffix == "snap") {
            fs::remove_file(path).unwrap();
        }
    }
    // Since 3.7 etcd goes on from what the log tells of snapshots.
    let (said, code, words) = copied.run("validate", "data");
    if version.starts_with("3.7.") {
        assert_eq!(code, Some(12), "{words}");
        let refused = Etcd::on(&copied.binary, &copied.member, &dir).unwrap_err();
        assert!(format!("{refused:#}").contains("it ended"), "{refused:#}");
        return;
    }
    assert_eq!(
        (&said["verdict"], code),
        (&"DataDirectoryValid".into(), Some(0)),
        "{words}"
    );
    assert!(said["remarks"].to_string().contains("3.7"), "{said}");
    assert_eq!(copied.start("data").revision().unwrap(), 91);
}

testkit::on_every_etcd!(
    a_restored_database_over_an_old_log_is_damage,
    a_saved_database_over_its_own_log_is_none,
    a_database_of_another_history_is_damage,
    the_entries_before_a_snapshot_are_not_lost,
);
