//! The end of a log: torn by a crash, or damaged, or on a volume that is not mounted.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damage;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use damage::{Ground, copy, find_frames};
use serde_json::Value;
use support::{Run, contents};
use testkit::etcd::Etcd;

/// The revision up to which writes were acknowledged.
const AT: i64 = 100;

fn initialize(ground: &Ground, dir: &Path, store: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().args(["initialize", "--output", "json"]);
    command.arg("--data-dir").arg(dir);
    command.arg("--store-container").arg(ground.store(store));
    command.args(ground.member.flags());
    Run::of(command)
}

/// A fresh copy of the killed member.
fn fresh(ground: &Ground) -> PathBuf {
    let dir = ground.path().join("try/data");
    let _ = fs::remove_dir_all(&dir);
    copy(&ground.base(), &dir);
    dir
}

fn said(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| unreachable!("{}", run.stderr))
}

/// One flipped bit, or eight zero bytes, in the length word of a frame in the middle of the log were taken
/// for a torn end. A member at revision 100 then lagged behind a backup of revision 90: it was replaced and
/// removed, and the words were "Nothing that the store or the directory held is lost". The database lags,
/// so only the log knows.
fn no_word_of_a_frame_ends_the_log_in_silence(version: &str) {
    let ground = Ground::lagging(version);
    let (file, [middle, _]) = find_frames(&ground.base());
    let last = middle.len() / 8 - 1;
    for word in [0, 1, 2, 3, last - 1, last] {
        let at = middle.start + word * 8;
        for blow in ["flip 0", "flip 5", "flip 7", "zero", "cut"] {
            let told = format!("{blow} of word {word}");
            let dir = fresh(&ground);
            let mut log = fs::read(dir.join(&file)).unwrap();
            let whole = log.clone();
            match blow.strip_prefix("flip ") {
                Some(byte) => log[at + byte.parse::<usize>().unwrap()] ^= 1,
                None if blow == "zero" => log[at..at + 8].fill(0),
                None => log.truncate(at + 4),
            }
            if log == whole {
                continue;
            }
            fs::write(dir.join(&file), log).unwrap();
            let run = initialize(&ground, &dir, "older");
            assert_eq!(run.code, Some(0), "{told}: {}", run.stderr);
            let said = said(&run);
            if said["deed"] == "untouched" {
                // Padding that etcd does not look at.
                let etcd = Etcd::on(&ground.binary, &ground.member, &dir).unwrap();
                assert_eq!(etcd.revision().unwrap(), AT, "{told}: {said}");
                continue;
            }
            assert_eq!(said["restored"]["revision"], 90, "{told}: {said}");
            assert_ne!(said["loss"]["measure"], "nothing", "{told}: {said}");
            assert!(said["old"].is_object(), "{told}: {said}");
        }
    }
}

/// What a crash has cut off in the middle of its last write is cut off by etcd too. What the member held
/// is then known from below only: it was called all that there was, and the member removed.
fn of_a_torn_log_nobody_says_that_nothing_is_lost(version: &str) {
    let ground = Ground::lagging(version);
    let (file, [_, tail]) = find_frames(&ground.base());
    for store in ["older", "newer"] {
        let dir = fresh(&ground);
        let mut log = fs::read(dir.join(&file)).unwrap();
        log.truncate(tail.start + tail.len() / 2);
        fs::write(dir.join(&file), log).unwrap();
        let run = initialize(&ground, &dir, store);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let said = said(&run);
        let told = said["remarks"].to_string();
        assert!(told.contains("crash"), "{said}");
        let etcd = || Etcd::on(&ground.binary, &ground.member, &dir).unwrap();
        if store == "older" {
            assert_eq!(said["deed"], "untouched", "{said}");
            assert_eq!(etcd().revision().unwrap(), AT - 1);
            continue;
        }
        assert_eq!(said["restored"]["revision"], 110, "{said}");
        assert_eq!(said["loss"]["measure"], "unknown", "{said}");
        assert!(said["old"].is_object(), "{said}");
        assert_eq!(etcd().revision().unwrap(), 110);
    }
}

/// The directory of the log was empty, since its volume was not mounted. A new member took the place of
/// the old one, which was removed, and the log came back over the new one.
fn a_log_that_is_not_mounted_is_not_a_lost_one(version: &str) {
    without_its_log(&Ground::new(version));
    // That the database has applied nothing yet says nothing of the log.
    without_its_log(&Ground::lagging(version));
}

fn without_its_log(ground: &Ground) {
    for left in ["nothing", "lost+found"] {
        let dir = fresh(ground);
        let wal = dir.join("member/wal");
        fs::rename(&wal, ground.path().join("try").join(left)).unwrap();
        fs::create_dir(&wal).unwrap();
        if left == "lost+found" {
            fs::create_dir(wal.join(left)).unwrap();
        }
        let before = contents(&dir);
        for store in ["newer", "equal", "older", "none"] {
            let run = initialize(ground, &dir, store);
            run.failed_with(&["not mounted", "member/wal is empty"]);
            assert!(contents(&dir) == before, "{store}: touched");
        }
    }
}

testkit::on_every_etcd!(no_word_of_a_frame_ends_the_log_in_silence);
testkit::on_every_etcd!(of_a_torn_log_nobody_says_that_nothing_is_lost);
testkit::on_every_etcd!(a_log_that_is_not_mounted_is_not_a_lost_one);
