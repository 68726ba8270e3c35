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
