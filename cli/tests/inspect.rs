//! `inspect` on what real etcds left behind, whole and damaged.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{Run, contents};
use tempfile::TempDir;

/// A copy of a golden file or directory of core/etcd, to be damaged.
fn golden(name: &str) -> (TempDir, PathBuf) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/etcd/tests/data");
    let room = tempfile::tempdir().unwrap();
    let (from, to) = (data.join(name), room.path().join("copy"));
    fs::create_dir(&to).unwrap();
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    } else {
        let mut db = Vec::new();
        let packed = fs::File::open(from).unwrap();
        flate2::read::GzDecoder::new(packed)
            .read_to_end(&mut db)
            .unwrap();
        fs::write(to.join("db"), db).unwrap();
    }
    (room, to)
}

fn inspect(what: &str, path: &Path, output: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .env_clear()
        .args(["inspect", what, "--output", output])
        .arg(path);
    Run::of(command)
}

/// The JSON, and the exit code; the files must be as they were.
fn json(what: &str, path: &Path) -> (Value, Option<i32>) {
    let dir = if path.is_dir() {
        path
    } else {
        path.parent().unwrap()
    };
    let before = contents(dir);
    let run = inspect(what, path, "json");
    assert_eq!(contents(dir), before, "something was written");
    (serde_json::from_str(&run.stdout).unwrap(), run.code)
}

/// The outcome of the check of this name, and what it found.
fn check<'v>(view: &'v Value, name: &str) -> (&'v str, &'v str) {
    let checks = view["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    let text = |field: &str| check[field].as_str().unwrap();
    (text("outcome"), text("detail"))
}

const SEGMENT: &str = "0000000000000000-0000000000000000.wal";

/// A text that was named by mistake was "damaged", exit 13, as if an etcd had ever written it.
#[test]
fn what_never_was_a_database_is_not_a_damaged_one() {
    let room = tempfile::tempdir().unwrap();
    let notes = room.path().join("notes.txt");
    for content in [&b"remember the milk"[..], &[0x5a; 70_000]] {
        fs::write(&notes, content).unwrap();
        inspect("db", &notes, "table").failed_with(&["notes.txt", "neither a database of etcd"]);
    }
    // By its name it is one, whatever is left of it.
    let named = room.path().join("copy.db");
    fs::write(&named, "remember the milk").unwrap();
    assert_eq!(inspect("db", &named, "table").code, Some(13));
    // Its first page is gone, and its second tells.
    let (_room, copy) = golden("full/e35.db.gz");
    let first_page_gone = copy.join("kept");
    let mut bytes = fs::read(copy.join("db")).unwrap();
    bytes[..4096].fill(0);
    fs::write(&first_page_gone, bytes).unwrap();
    let told = inspect("db", &first_page_gone, "table");
    assert_ne!(told.code, Some(1), "{}", told.stderr);
}

#[test]
fn a_log_shows_its_entries_and_the_snapshots_that_count() {
    let (_room, log) = golden("wal/small");
    let (view, code) = json("wal", &log);
    assert_eq!(code, Some(0));
    let entries = view["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 16);
    assert_eq!(entries[4]["request"], "put k1, 2 bytes");
    assert_eq!(view["member_id"], "bfe12b43c63570f3");
    let counting = view["snapshots"].as_array().unwrap();
    assert!(counting.iter().all(|snapshot| snapshot["counts"] == true));
    // The same of the file alone.
    let (alone, _) = json("wal", &log.join(SEGMENT));
    assert_eq!(alone, view);
    let table = inspect("wal", &log, "table").stdout;
    assert!(table.contains("cluster version 3.5.0"), "{table}");
}

#[test]
fn a_torn_log_says_where_etcd_will_cut_it() {
    let (_room, log) = golden("wal/small");
    let file = log.join(SEGMENT);
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 3]).unwrap();
    let (view, code) = json("wal", &log);
    let (outcome, detail) = check(&view, "end");
    assert_eq!((code, outcome), (Some(2), "repairable"));
    assert!(detail.contains("truncates the file to"), "{detail}");
}

#[test]
fn a_flipped_bit_in_a_log_is_found_with_its_place() {
    let (_room, log) = golden("wal/small");
    let file = log.join(SEGMENT);
    let mut bytes = fs::read(&file).unwrap();
    bytes[700] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (view, code) = json("wal", &log);
    let (outcome, detail) = check(&view, "records");
    assert_eq!((code, outcome), (Some(12), "damaged"));
    assert!(detail.contains("offset 688"), "{detail}");
    // What precedes it is still shown.
    assert_eq!(view["entries"].as_array().unwrap().len(), 5);
}

#[test]
fn a_snapshot_shows_its_voters_and_a_broken_one_its_fault() {
    let (_room, snapshots) = golden("wal/small");
    let (view, code) = json("snap", &snapshots);
    assert_eq!(code, Some(0));
    assert_eq!(view["files"][0]["index"], 12);
    assert_eq!(view["files"][0]["voters"][0], "bfe12b43c63570f3");
    let newest = snapshots.join("0000000000000002-000000000000000c.snap");
    fs::rename(
        &newest,
        snapshots.join("0000000000000002-000000000000000d.snap"),
    )
    .unwrap();
    let (view, code) = json("snap", &snapshots);
    assert_eq!((code, check(&view, "snapshot").0), (Some(12), "damaged"));
}

#[test]
fn a_database_shows_its_buckets_and_marks() {
    let (_room, dir) = golden("full/e35.db.gz");
    let (view, code) = json("db", &dir);
    assert_eq!(code, Some(0), "{view}");
    let buckets = view["buckets"].as_array().unwrap();
    assert!(buckets.iter().any(|bucket| bucket["name"] == "key"));
    assert!(view["revision"].as_i64().unwrap() > 1);
    let db = dir.join("db");
    let mut bytes = fs::read(&db).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 4096].fill(0);
    fs::write(&db, &bytes).unwrap();
    let (view, code) = json("db", &dir);
    assert_eq!((code, check(&view, "pages").0), (Some(13), "damaged"));
    // One meta page is spare.
    let (_room, dir) = golden("full/e35.db.gz");
    let db = dir.join("db");
    let mut bytes = fs::read(&db).unwrap();
    bytes[20] ^= 1;
    fs::write(&db, &bytes).unwrap();
    let (view, code) = json("db", &dir);
    assert_eq!(
        (code, check(&view, "meta pages").0),
        (Some(2), "repairable")
    );
}

#[test]
fn what_is_not_there_is_an_error() {
    inspect("wal", Path::new("/nowhere"), "json").failed_with(&["cannot read /nowhere"]);
}

/// Of a database whose root page was zeros it said "auth off", and "keys, leases and members are what etcd writes"
/// of entries that nobody can reach: in an incident that is read as a fact.
#[test]
fn what_cannot_be_read_of_a_database_is_unknown() {
    let (_room, dir) = golden("full/e35.db.gz");
    let path = dir.join("db");
    let whole = fs::read(&path).unwrap();
    let root = {
        let db = bolt::Db::open(&whole[..]).unwrap();
        usize::try_from(db.meta().root.root).unwrap()
    };
    let mut damaged = whole.clone();
    damaged[root * 4096..][..4096].fill(0);
    fs::write(&path, &damaged).unwrap();
    let (view, code) = json("db", &dir);
    assert_eq!((code, check(&view, "pages").0), (Some(13), "damaged"));
    for unknown in ["auth_enabled", "revision", "consistent_index"] {
        assert!(view[unknown].is_null(), "{unknown}: {view}");
    }
    let checks = view["checks"].as_array().unwrap();
    for silent in ["entries", "compaction"] {
        assert!(checks.iter().all(|check| check["name"] != silent), "{view}");
    }
    let told = inspect("db", &dir, "table").stdout;
    let auth = told.lines().find(|line| line.starts_with("auth"));
    assert!(auth.unwrap().ends_with("unknown"), "{told}");
    fs::write(&path, &whole).unwrap();
    let (view, _) = json("db", &dir);
    assert_eq!(view["auth_enabled"], false, "{view}");

    // What is no database has no pages.
    fs::write(&path, "#!/bin/sh\necho a script\n").unwrap();
    let told = inspect("db", &path, "table");
    assert_eq!(told.code, Some(13));
    for said in ["pages ", "transaction"] {
        let is_said = told.stdout.lines().any(|line| line.starts_with(said));
        assert!(!is_said, "{}", told.stdout);
    }
}

/// A database that was given to `inspect wal` was shown as `0000000000000000-0000000000000000.wal`, a file that is
/// nowhere, with "the last record is whole".
#[test]
fn a_file_of_another_kind_is_named() {
    let (_room, dir) = golden("full/e35.db.gz");
    let (_log_room, log) = golden("wal/small");
    let snapshot = log.join("0000000000000002-000000000000000c.snap");
    for (what, path, reads) in [
        ("wal", dir.join("db"), "inspect db"),
        ("snap", dir.join("db"), "inspect db"),
        ("db", log.join(SEGMENT), "inspect wal"),
        ("snap", log.join(SEGMENT), "inspect wal"),
        ("wal", snapshot, "inspect snap"),
    ] {
        let name = path.file_name().unwrap().to_str().unwrap();
        inspect(what, &path, "table").failed_with(&[name, reads]);
    }
    for (what, path) in [("wal", &dir), ("db", &log)] {
        inspect(what, path, "table").failed_with(&["there is no", "member/"]);
    }
    let none = inspect("snap", &dir, "table");
    assert!(none.stdout.contains("there is none in"), "{}", none.stdout);
}

/// After a record that could not be read it went on with "the last record is whole" and "0 of 0 were known to be
/// committed".
#[test]
fn what_follows_an_unreadable_record_is_not_called_fine() {
    let (_room, log) = golden("wal/small");
    let path = log.join("notes.txt");
    fs::write(
        &path,
        "these are sixty-four bytes that no etcd has ever written to a log\n",
    )
    .unwrap();
    let (view, code) = json("wal", &path);
    assert_eq!(code, Some(12), "{view}");
    assert_eq!(view["files"][0]["name"], "notes.txt");
    let checks = view["checks"].as_array().unwrap();
    assert!(
        checks.iter().all(|check| check["outcome"] != "fine"),
        "{view}"
    );
    let told = inspect("wal", &path, "table").stdout;
    assert!(
        told.contains("term unknown, vote unknown, commit unknown"),
        "{told}"
    );
}

/// `inspect member.etcd` was "unrecognized subcommand", without what the subcommands are, nor in which of the files of a
/// data directory the database is.
#[test]
fn a_path_alone_is_told_what_to_say_before_it() {
    for path in ["member.etcd", "/var/lib/etcd", "./my.db"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().args(["inspect", path]);
        let by_path = format!("inspect db {path}");
        Run::of(command).failed_with(&[&by_path, "member/snap/db", "inspect wal", "inspect snap"]);
    }
    let mut other = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    other.env_clear().arg("member.etcd");
    let other = Run::of(other);
    other.failed_with(&["unrecognized subcommand 'member.etcd'"]);
    assert!(!other.stderr.contains("inspect db"), "{}", other.stderr);
}
