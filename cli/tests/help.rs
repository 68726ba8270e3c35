//! What `--help` says, in files, so that a change of it is read before it is made. After a change that is
//! meant, `UPDATE_EXPECT=1 cargo test --workspace --test help` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::process::Command;

use expect_test::{ExpectFile, expect_file};

fn help(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    // Variables that are set are shown with their values.
    let output = command.env_clear().args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn is_as_in(words: &[&str], file: ExpectFile) {
    let help = help(words);
    for line in help.lines() {
        assert!(line.chars().count() <= 115, "wider than a screen: {line}");
    }
    file.assert_eq(&help);
}

#[test]
fn of_the_program() {
    is_as_in(&["-h"], expect_file!["help/etcdbrctl.txt"]);
}

#[test]
fn of_restore() {
    is_as_in(&["restore", "-h"], expect_file!["help/restore.short.txt"]);
    is_as_in(&["restore", "--help"], expect_file!["help/restore.txt"]);
}

#[test]
fn of_initialize() {
    is_as_in(
        &["initialize", "-h"],
        expect_file!["help/initialize.short.txt"],
    );
    is_as_in(
        &["initialize", "--help"],
        expect_file!["help/initialize.txt"],
    );
}

#[test]
fn of_snapshot() {
    is_as_in(&["snapshot", "-h"], expect_file!["help/snapshot.short.txt"]);
    is_as_in(&["snapshot", "--help"], expect_file!["help/snapshot.txt"]);
}

#[test]
fn of_validate() {
    is_as_in(&["validate", "--help"], expect_file!["help/validate.txt"]);
}

#[test]
fn of_inspect() {
    is_as_in(&["inspect", "--help"], expect_file!["help/inspect.txt"]);
    is_as_in(
        &["inspect", "wal", "--help"],
        expect_file!["help/inspect-wal.txt"],
    );
}

#[test]
fn of_list() {
    is_as_in(&["list", "--help"], expect_file!["help/list.txt"]);
}

#[test]
fn of_verify() {
    is_as_in(&["verify", "--help"], expect_file!["help/verify.txt"]);
}

#[test]
fn of_gc() {
    is_as_in(&["gc", "--help"], expect_file!["help/gc.txt"]);
}

#[test]
fn of_keep() {
    is_as_in(&["keep", "--help"], expect_file!["help/keep.txt"]);
}

#[test]
fn of_conformance() {
    is_as_in(
        &["conformance", "--help"],
        expect_file!["help/conformance.txt"],
    );
}

/// The short help was half made of flags that only scripts of etcd-backup-restore still pass.
#[test]
fn the_short_one_has_no_flag_without_effect() {
    for verb in ["restore", "initialize"] {
        let (short, long) = (help(&[verb, "-h"]), help(&[verb, "--help"]));
        assert!(!short.contains("without effect"), "{short}");
        assert!(!short.contains("--max-request-bytes"), "{short}");
        assert!(long.contains("--max-request-bytes"), "{long}");
    }
}
