//! What is said on standard error: how much of it, and in which form. It was one form, with microseconds, and
//! a wrong flag was an "error:" where a failed run was an "ERROR".

mod support;

use serde_json::Value;
use support::Site;

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// The lines of a verification that warns of nothing.
fn said(flags: &[&str]) -> String {
    let site = Site::with_backup("e35-gzip");
    let run = site.run("verify", flags);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stderr
}

#[test]
fn little_is_said_to_whom_asks_for_little() {
    assert!(said(&[]).contains("INFO"));
    assert_eq!(said(&["--quiet"]), "");
    assert_eq!(said(&["-q"]), "");
    assert_eq!(said(&["--log-level", "warn"]), "");
    assert!(said(&["-v"]).contains("INFO"));
    // As the reference counts them.
    assert!(said(&["--log-level", "4"]).contains("INFO"));
    assert_eq!(said(&["--log-level", "3"]), "");
}

#[test]
fn a_failure_is_said_to_whom_asks_for_little_too() {
    let site = Site::new();
    for flags in [&["-q"][..], &["--log-level=error"]] {
        let run = site.run("restore", flags);
        assert_eq!(run.code, Some(1));
        assert_eq!(lines(&run.stderr).len(), 1, "{}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

/// A run that failed and a flag that is wrong are said alike.
#[test]
fn there_is_one_style_of_errors() {
    let site = Site::new();
    for run in [site.run("restore", &[]), site.run("restore", &["--bogus"])] {
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains("error: "), "{}", run.stderr);
        assert!(!run.stderr.contains("ERROR"), "{}", run.stderr);
    }
}

#[test]
fn each_line_is_json_for_whom_asks_for_json() {
    let site = Site::with_backup("e35-gzip");
    for (verb, flags, last) in [
        ("verify", &["--log-format", "json"][..], "INFO"),
        (
            "restore",
            &["--log-format", "json", "--to-revision", "1"],
            "ERROR",
        ),
    ] {
        let run = site.run(verb, flags);
        let lines = lines(&run.stderr);
        let lines: Vec<Value> = lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.last().unwrap()["level"], last, "{}", run.stderr);
        for line in &lines {
            assert!(line["message"].is_string(), "{line}");
            assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        }
    }
}

#[test]
fn each_line_is_pairs_for_whom_asks_for_logfmt() {
    for line in lines(&said(&["--log-format", "logfmt"])) {
        assert!(line.starts_with("ts="), "{line}");
        assert!(
            line.contains(" level=info ") && line.contains(" message="),
            "{line}"
        );
    }
}

/// clap took `server` for a slip, and proposed `restore`.
#[test]
fn what_is_not_there_yet_says_so() {
    let site = Site::new();
    for verb in ["snapshot", "server", "copy", "compact"] {
        let run = site.run(
            verb,
            &["--etcd-connection-timeout=30s", "--schedule", "0 * * * *"],
        );
        run.failed_with(&["is not there yet", "etcd-backup-restore"]);
    }
}
