//! What stands on a terminal.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::path::Path;
use std::process::{Command, ExitStatus};

use support::terminal::Stream;

/// On a terminal the first version died before it had said a word: it asked its logger for
/// colours that had not been built in. Every test had looked at pipes.
#[test]
fn a_restore_on_a_terminal_shows_a_bar_and_ends_well() {
    let (status, shown) = on_a_terminal(|_| {});
    assert!(status.success(), "{shown}");
    assert!(shown.contains("1.06 MiB"), "{shown}");
    assert!(shown.contains("left"), "{shown}");
}

/// `NO_COLOR` was not heard: log lines came in colours.
#[test]
fn a_terminal_without_colours_stays_without() {
    let red = "\u{1b}[31m";
    let (_, shown) = on_a_terminal(|command| {
        command.args(["--storage-provider", "none"]);
    });
    assert!(shown.contains(red), "{shown}");
    let (_, shown) = on_a_terminal(|command| {
        command.args(["--storage-provider", "none"]);
        command.env("NO_COLOR", "1");
    });
    assert!(shown.contains("error: "), "{shown}");
    assert!(!shown.contains(red), "{shown}");
}

/// A terminal that obeys nothing got colours and a bar; and the first frame of a bar was a full one, "0 B of 0 B".
#[test]
fn what_a_terminal_cannot_do_is_not_asked_of_it() {
    let (status, shown) = on_a_terminal(|command| {
        command.env("TERM", "dumb");
    });
    assert!(status.success(), "{shown}");
    assert!(shown.contains("restoring"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let (_, shown) = on_a_terminal(|_| {});
    assert!(!shown.contains("0 B of 0 B"), "{shown}");
}

/// A restore of the sample, and all that stood on its terminal.
fn on_a_terminal(with: impl FnOnce(&mut Command)) -> (ExitStatus, String) {
    let dir = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip");
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .arg("restore")
        .arg("--store-container")
        .arg(sample)
        .arg("--data-dir")
        .arg(dir.path().join("new.etcd"))
        .env("TERM", "xterm")
        .env_remove("NO_COLOR");
    with(&mut command);
    support::terminal::on_a_terminal(command, Stream::Error)
}
