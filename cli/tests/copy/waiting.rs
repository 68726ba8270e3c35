//! `--wait-for-final-snapshot`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use rustix::process::Signal;
use testkit::backup::Compression::Gzip;

use crate::pair::Pair;
use crate::support::{Run, Site, full_name, signal};

/// A copy that waits, as it says itself.
fn waiting(pair: &Pair, args: &[&str]) -> Child {
    let mut command = pair.command(&[&["--wait-for-final-snapshot"], args].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stderr = child.stderr.as_mut().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(1, stderr)
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("waiting for a final full"), "{line}");
    child
}

fn ended(child: Child) -> Run {
    Run::from(child.wait_with_output().unwrap())
}

#[test]
fn sigterm_ends_the_waiting_and_nothing_is_copied() {
    let (source, _) = Site::with_history();
    let pair = Pair::from(source);
    let child = waiting(&pair, &[]);
    signal(&child, Signal::TERM);
    ended(child).failed_with(&["interrupted before anything was copied"]);
    assert!(pair.there().is_empty());
}

#[test]
fn when_none_comes_in_time_it_is_copied_all_the_same() {
    let (source, _) = Site::with_history();
    let pair = Pair::from(source);
    let child = waiting(&pair, &["--wait-for-final-snapshot-timeout=100ms"]);
    let run = ended(child);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("no final full came within"),
        "{}",
        run.stderr
    );
    assert_eq!(pair.there().len(), 3);
}

#[test]
fn a_final_full_that_is_there_is_not_waited_for() {
    let (source, _) = Site::with_history();
    let full = full_name(20, Gzip);
    fs::rename(
        source.object(&full),
        source.object(&format!("{full}.final")),
    )
    .unwrap();
    let pair = Pair::from(source);
    let report = pair.copied(&["--wait-for-final-snapshot=true"]);
    assert_eq!(report["copied"], 3);
    assert_eq!(report["warnings"].as_array().map(Vec::len), Some(0));
    // Not asked for, whatever the timeout says.
    let report = pair.copied(&["--wait-for-final-snapshot=false"]);
    assert_eq!(report["present"], 3);
}
