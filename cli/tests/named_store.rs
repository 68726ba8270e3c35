//! Which directory `--store-container` names.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Run, Site};
use tempfile::TempDir;

/// A home and a working directory, each with backups in a directory `bk`.
fn two_stores() -> TempDir {
    let room = tempfile::tempdir().unwrap();
    for (place, revision) in [("home", 20), ("here", 40)] {
        let (site, mut history) = (Site::new(), support::History::default());
        history.wander(revision, 1);
        site.put_full(&history, revision);
        fs::create_dir(room.path().join(place)).unwrap();
        fs::rename(site.store(), room.path().join(place).join("bk")).unwrap();
    }
    room
}

fn run(room: &Path, words: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().env("HOME", room.join("home"));
    command.current_dir(room.join("here"));
    Run::of({
        command.args(words.split(' '));
        command
    })
}

/// With a `bk` in the home directory and one in the working directory, `list ./bk` showed the one, and
/// `verify`, `restore` and `gc` with `--store-container ./bk` took the other, without a word.
#[test]
fn what_begins_with_a_dot_is_one_store_for_every_command() {
    let room = two_stores();
    let here = room.path().canonicalize().unwrap().join("here/bk");
    let here = here.to_str().unwrap();
    for words in [
        "list ./bk",
        "list --store-container ./bk",
        "gc --store-container ./bk --dry-run",
    ] {
        let run = run(room.path(), words);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains(here), "{words}: {}", run.stdout);
    }
    for words in [
        "verify --store-container ./bk -o json",
        "restore --store-container ./bk -o json",
    ] {
        let run = run(room.path(), words);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["revision"], 40, "{words}: {}", run.stderr);
    }
}

/// Of two directories that a relative container may mean one was taken, and nobody was told of the other.
#[test]
fn the_other_directory_is_told() {
    let room = two_stores();
    for (container, taken, other) in [("bk", "home", "here"), ("./bk", "here", "home")] {
        let run = run(room.path(), &format!("list --store-container {container}"));
        let path = |place: &str| format!("{}/{place}/bk", room.path().display());
        let told = format!("is {}; there is another one, {}", path(taken), path(other));
        assert!(run.stderr.contains(&told), "no {told:?} in {}", run.stderr);
        assert!(run.stdout.contains(&path(taken)), "{}", run.stdout);
    }
    fs::remove_dir_all(room.path().join("home/bk")).unwrap();
    let run = run(room.path(), "list --store-container ./bk");
    assert_eq!(run.stderr, "", "there is one only");
}

/// `list bk` opened the directory of the working directory, and `list --store-container bk`, for which its help
/// says that it is short, the one under `$HOME`; `gc` then deleted in the store that nobody had looked at.
#[test]
fn a_word_and_the_flag_open_the_same_store() {
    let room = two_stores();
    let same = |container: &str| {
        let by_word = run(room.path(), &format!("list {container}"));
        let by_flag = run(room.path(), &format!("list --store-container {container}"));
        assert_eq!(by_word.code, by_flag.code, "{container}");
        assert_eq!(by_word.stdout, by_flag.stdout, "{container}");
        by_word
    };
    let absolute = format!("{}/home/bk", room.path().display());
    for container in ["bk", "./bk", "../here/bk", "../home/bk", "bk/", &absolute] {
        assert_eq!(same(container).code, Some(0), "{container}");
    }
    assert!(same("bk").stdout.contains("home/bk"));
    assert!(same("../here/bk").stdout.contains("here/bk"));
    assert_eq!(same("bk/../../here/bk").code, Some(1));
    // Where it is in the working directory only, that one is opened, which is said.
    fs::remove_dir_all(room.path().join("home/bk")).unwrap();
    let only = same("bk");
    assert!(only.stdout.contains("here/bk"), "{}", only.stdout);
    assert!(only.stderr.contains("here/bk is used"), "{}", only.stderr);
}

/// `snapshot --store-container backups` of somebody who meant the working directory wrote under `$HOME`, and `list
/// backups` looked for them there: of a name that is in neither place, nothing said which of the two was meant.
#[test]
fn of_a_name_that_is_nowhere_both_places_are_told() {
    let room = two_stores();
    let run = run(room.path(), "list none");
    run.failed_with(&["home/none", "here/none", "write ./none"]);
}

/// With no store named it said "The directory that should hold the backups is not there", of a directory that
/// nobody had named and no help names.
#[test]
fn that_no_store_is_named_is_said() {
    let room = two_stores();
    let run = run(room.path(), "list");
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    for word in ["no --store-container is given", "home/default.bkp"] {
        assert!(run.stderr.contains(word), "no {word:?} in {}", run.stderr);
    }
}
