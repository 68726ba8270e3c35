//! An etcd acknowledged writes after its newest backup, was killed, and its database is damaged: its
//! log alone holds them. The reference restores the backup and deletes the log.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damage;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use damage::{Ground, copy};
use serde_json::Value;
use support::{Run, contents, spoilt};
use testkit::etcd::Etcd;

const AT: i64 = 100;

/// The member as it was killed, with a page of its database zeroed.
fn damaged(ground: &Ground) -> PathBuf {
    let dir = ground.path().join("try/data");
    copy(&ground.base(), &dir);
    spoil(&dir);
    dir
}

fn spoil(dir: &Path) {
    let db = dir.join("member/snap/db");
    let bytes = spoilt(&fs::read(&db).unwrap());
    fs::write(db, bytes).unwrap();
}

fn initialize(ground: &Ground, dir: &Path, store: &Path, args: &[&str]) -> Run {
    run(ground, "initialize", dir, store, args)
}

fn run(ground: &Ground, verb: &str, dir: &Path, store: &Path, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().args([verb, "--output", "json"]);
    command.arg("--data-dir").arg(dir);
    command.arg("--store-container").arg(store);
    if verb != "validate" {
        command.args(ground.member.flags());
    }
    command.args(args);
    Run::of(command)
}

fn said(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

fn what_only_the_log_holds_is_put_behind_the_backups(version: &str) {
    let ground = Ground::new(version);
    let (dir, store) = (damaged(&ground), ground.store("older"));
    let before = contents(&dir);
    let planned = said(&initialize(&ground, &dir, &store, &["--dry-run"]));
    assert_eq!(planned["salvage"]["state"], "possible", "{planned}");
    assert!(contents(&dir) == before, "a dry run touches nothing");

    let run = initialize(&ground, &dir, &store, &["--salvage-wal"]);
    let done = said(&run);
    assert_eq!(done["salvage"]["state"], "done", "{done}");
    assert_eq!(done["loss"]["measure"], "nothing", "{done}");
    // It was proven just now, and "nothing proves that it is of one history with the backups" stood beside it.
    let told = done["explanation"].as_str().unwrap();
    assert!(!told.contains("nothing proves"), "{told}");
    assert_eq!(done["restored"]["revision"], AT);
    assert_eq!(done["restored"]["hash_kv"], ground.hash(AT));
    let salvaged = &done["restored"]["salvaged"];
    assert_eq!(salvaged["first"], 91);
    assert_eq!(salvaged["last"], AT);
    assert_eq!(salvaged["changes"], 10);
    assert_eq!(salvaged["checked"], 30, "events 61 to 90 of the delta");
    assert_eq!(salvaged["listed"][9]["revision"], AT);
    assert!(run.stderr.contains("salvaged revision 91: put key-"));
    let report = fs::read(dir.with_file_name("data.initialized.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&report).unwrap(), done);

    let etcd = Etcd::on(&ground.binary, &ground.member, &dir).unwrap();
    let state = etcd.state().unwrap();
    assert_eq!(state.revision(), AT);
    assert_eq!(state.difference(&ground.state), None);
    assert_eq!(etcd.hash_kv(AT).unwrap().hash, ground.hash(AT));
}

fn unasked_it_is_reported_and_the_log_is_kept(version: &str) {
    let ground = Ground::new(version);
    let (dir, store) = (damaged(&ground), ground.store("older"));
    let done = said(&initialize(&ground, &dir, &store, &[]));
    assert_eq!(done["restored"]["revision"], 90);
    assert_eq!(done["salvage"]["state"], "possible", "{done}");
    // By the page that is zeroed the newest entries can be read, and found in the backups, or not.
    let measure = &done["loss"]["measure"];
    assert!(measure == "at_most" || measure == "unproven", "{done}");
    assert!(dir.join(".etcdbr.old/member/wal").is_dir());
}

/// A restore begins the numbers of entries again, under the same ids. What was written after it
/// does not go on where a full made before it stands.
fn a_log_of_another_history_is_refused(version: &str) {
    let ground = Ground::new(version);
    let (dir, store) = (ground.path().join("again"), ground.store("older"));
    said(&run(&ground, "restore", &dir, &store, &[]));
    let mut etcd = Etcd::on(&ground.binary, &ground.member, &dir).unwrap();
    for n in 0..120 {
        etcd.put(b"since", format!("{n}").as_bytes()).unwrap();
    }
    etcd.snapshot(std::io::sink()).unwrap();
    etcd.kill();
    // A restore records term 1, and etcd 3.4 leaves it at that: its members were all called damaged.
    let whole = said(&run(&ground, "validate", &dir, &store, &[]));
    assert_eq!(whole["verdict"], "DataDirectoryValid", "{whole}");
    spoil(&dir);
    let before = contents(&dir);
    let refused = |words: &str| {
        let run = initialize(&ground, &dir, &store, &["--salvage-wal"]);
        run.failed_with(&[words, "Nothing is done", "Without it: The newest state"]);
        assert!(contents(&dir) == before, "a refusal touches nothing");
    };
    refused("they are of two histories");
    // Without a delta there is nothing but numbers that fit.
    for entry in fs::read_dir(store.join("v2")).unwrap() {
        let path = entry.unwrap().path();
        if path.display().to_string().contains("Incr-") {
            fs::remove_file(path).unwrap();
        }
    }
    refused("nothing proves that the log goes on");
    // A log that cannot be read at all.
    let files = fs::read_dir(dir.join("member/wal")).unwrap();
    let put = |bytes: &[u8]| bytes.windows(5).position(|at| at == b"since");
    for path in files.map(|file| file.unwrap().path()) {
        let mut bytes = fs::read(&path).unwrap();
        if let Some(at) = put(&bytes) {
            bytes[at] ^= 0xff;
            fs::write(&path, bytes).unwrap();
        }
    }
    let run = initialize(&ground, &dir, &store, &["--salvage-wal"]);
    run.failed_with(&["Nothing can be salvaged", "Nothing is done"]);
}

testkit::on_every_etcd!(
    what_only_the_log_holds_is_put_behind_the_backups,
    unasked_it_is_reported_and_the_log_is_kept,
    a_log_of_another_history_is_refused
);
