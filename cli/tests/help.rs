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
fn of_server() {
    is_as_in(&["server", "-h"], expect_file!["help/server.short.txt"]);
    is_as_in(&["server", "--help"], expect_file!["help/server.txt"]);
}

#[test]
fn of_compact() {
    is_as_in(&["compact", "-h"], expect_file!["help/compact.short.txt"]);
    is_as_in(&["compact", "--help"], expect_file!["help/compact.txt"]);
}

#[test]
fn of_copy() {
    is_as_in(&["copy", "-h"], expect_file!["help/copy.short.txt"]);
    is_as_in(&["copy", "--help"], expect_file!["help/copy.txt"]);
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
fn of_recover_quorum() {
    is_as_in(
        &["recover-quorum", "--help"],
        expect_file!["help/recover-quorum.txt"],
    );
}

#[test]
fn of_list() {
    is_as_in(&["list", "--help"], expect_file!["help/list.txt"]);
}

#[test]
fn of_ui() {
    is_as_in(&["ui", "--help"], expect_file!["help/ui.txt"]);
}

#[test]
fn of_get() {
    is_as_in(&["get", "--help"], expect_file!["help/get.txt"]);
}

#[test]
fn of_plain_snapshots() {
    is_as_in(&["export", "--help"], expect_file!["help/export.txt"]);
    is_as_in(&["import", "--help"], expect_file!["help/import.txt"]);
}

#[test]
fn of_drill() {
    is_as_in(&["drill", "--help"], expect_file!["help/drill.txt"]);
}

#[test]
fn of_diff() {
    is_as_in(&["diff", "--help"], expect_file!["help/diff.txt"]);
}

#[test]
fn of_extract() {
    is_as_in(&["extract", "--help"], expect_file!["help/extract.txt"]);
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
    is_as_in(
        &["defragment", "--help"],
        expect_file!["help/defragment.txt"],
    );
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

/// The commands that the help of `words` lists, each with the words before it.
fn commands(words: &[&str]) -> Vec<Vec<String>> {
    let help = help(&[words, &["--help"]].concat());
    let Some((_, listed)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    let lines = listed.lines().take_while(|line| !line.is_empty());
    // What is indented further goes on from the line before.
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.map(|line| line.split_whitespace().next().unwrap());
    let names = names.filter(|name| *name != "help");
    let before = words.iter().map(ToString::to_string).collect::<Vec<_>>();
    names
        .map(|name| [before.clone(), vec![name.to_owned()]].concat())
        .collect()
}

/// The first screen of a newcomer had a line that was broken by hand and wrapped again, and examples that were
/// wrapped could not be pasted.
#[test]
fn no_line_of_any_help_is_wider_than_80_columns() {
    let mut left = vec![Vec::new()];
    let mut seen = 0;
    while let Some(words) = left.pop() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        left.extend(commands(&words));
        for flag in ["-h", "--help"] {
            let words = [&words[..], &[flag]].concat();
            for line in help(&words).lines() {
                let is_narrow = line.chars().count() <= 80;
                assert!(is_narrow, "{words:?}: wider than a screen: {line}");
            }
        }
        seen += 1;
    }
    assert!(seen > 12, "{seen} commands were found");
}

#[test]
fn of_what_belongs_to_another_command() {
    is_as_in(&["keys", "--help"], expect_file!["help/keys.txt"]);
    is_as_in(
        &["keys", "list", "--help"],
        expect_file!["help/keys-list.txt"],
    );
    is_as_in(
        &["keys", "check", "--help"],
        expect_file!["help/keys-check.txt"],
    );
    is_as_in(
        &["keys", "rotate", "--help"],
        expect_file!["help/keys-rotate.txt"],
    );
    is_as_in(
        &["inspect", "snap", "--help"],
        expect_file!["help/inspect-snap.txt"],
    );
    is_as_in(
        &["inspect", "db", "--help"],
        expect_file!["help/inspect-db.txt"],
    );
    is_as_in(
        &["completion", "--help"],
        expect_file!["help/completion.txt"],
    );
}

/// An example is one command: each line but its last ends in a backslash, and none was wrapped.
#[test]
fn examples_can_be_pasted() {
    for words in commands(&[]) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let help = help(&[&words[..], &["--help"]].concat());
        let Some((_, examples)) = help.split_once("\nExamples:\n") else {
            continue;
        };
        let mut goes_on = false;
        for line in examples.lines() {
            let begins = ["  etcdbrctl ", "  source "]
                .iter()
                .any(|word| line.starts_with(word));
            assert!(begins != goes_on, "{words:?}: {line}");
            goes_on = line.ends_with('\\');
        }
        assert!(!goes_on, "{words:?}");
    }
}

/// `etcdbrctl | less` was an empty page: the help went to standard error.
#[test]
fn help_that_stands_for_a_command_goes_to_standard_output() {
    for words in [&[][..], &["inspect"]] {
        assert!(help(words).contains("Usage: etcdbrctl"), "{words:?}");
    }
}
