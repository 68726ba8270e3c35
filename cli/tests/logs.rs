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
    said_of(&Site::with_history().0, flags)
}

fn said_of(site: &Site, flags: &[&str]) -> String {
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

/// A store that could not be reached was asked again for half a minute, and an operator saw nothing.
#[test]
fn each_retry_is_told_but_to_whom_wants_errors_only() {
    let site = Site::new();
    let told = |flags: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env("HOME", site.path());
        command.args(["list", "--storage-provider", "S3", "--timeout", "4s"]);
        command.args(["--store-container", "bucket"]);
        command.args(["--store-endpoint-override", "http://127.0.0.1:1"]);
        command.env("AWS_REGION", "eu-west-1");
        command.env("AWS_ACCESS_KEY_ID", "id");
        command.env("AWS_SECRET_ACCESS_KEY", "hush");
        let run = support::Run::of({
            command.args(flags);
            command
        });
        assert!(!run.stderr.contains("hush"), "{}", run.stderr);
        run.stderr
    };
    let usual = told(&[]);
    let retry = lines(&usual)
        .into_iter()
        .find(|line| line.contains("attempt 1 of "));
    let retry = retry.unwrap_or_else(|| unreachable!("no retry in {usual}"));
    for word in ["WARN", "open: ", "127.0.0.1:1", ", retrying in "] {
        assert!(retry.contains(word), "no {word:?} in {retry}");
    }
    assert!(!told(&["-q"]).contains("attempt 1 of "));
}

/// `-v` promised more and gave nothing.
#[test]
fn each_answer_of_a_store_is_told_to_whom_asks_for_more() {
    assert!(!said(&[]).contains("DEBUG"));
    let more = said_of(&Site::with_backup("e35-gzip"), &["-v"]);
    for operation in [
        "open",
        "list v2/",
        "get v2/Full-00000000-00002724-1795338782.gz",
    ] {
        let line = format!("DEBUG {operation} answered after ");
        assert!(more.contains(&line), "no {line:?} in {more}");
    }
}

/// Of nine lines "get answered after 0 ms" none named an object, and `-vv`, for "still more", gave the same.
#[test]
fn still_more_is_told_to_whom_asks_twice() {
    let site = Site::with_backup("e35-gzip");
    let (once, twice) = (said_of(&site, &["-v"]), said_of(&site, &["-vv"]));
    assert!(!once.contains("TRACE"), "{once}");
    for line in [
        "TRACE list v2/: asking",
        "TRACE list v2/: found 9",
        "TRACE get v2/Full-00000000-00002724-1795338782.gz: bytes 0 to ",
    ] {
        assert!(twice.contains(line), "no {line:?} in {twice}");
    }
}

/// A template of a pod that has no value for a variable sets it to nothing, and every command failed for a
/// flag that nobody had given; with a level in the environment `-q` could not be said.
#[test]
fn a_variable_that_is_empty_is_not_set_and_a_flag_counts_more() {
    let site = Site::with_backup("e35-gzip");
    let run = |variables: &[(&str, &str)], flags: &[&str]| {
        let mut command = site.command("list", flags);
        command.envs(variables.iter().copied());
        support::Run::of(command)
    };
    for variable in [
        "ETCDBRCTL_LOG_LEVEL",
        "ETCDBRCTL_LOG_FORMAT",
        "STORAGE_ADDRESSING_STYLE",
        "ETCDBRCTL_PLUGIN_DIR",
    ] {
        let run = run(&[(variable, "")], &[]);
        assert_eq!(run.code, Some(0), "{variable}: {}", run.stderr);
    }
    for flag in ["-q", "-v"] {
        let run = run(&[("ETCDBRCTL_LOG_LEVEL", "debug")], &[flag]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    run(&[("ETCDBRCTL_LOG_LEVEL", "loud")], &[]).failed_with(&["log-level"]);
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
        // Of leases without a time to live.
        ("verify", &["--log-format", "json"][..], "WARN"),
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

/// The time of a line had milliseconds as text and as JSON, and in logfmt nanoseconds, of which zeros at the end were left
/// out: columns moved, and a sort by text was wrong.
#[test]
fn each_form_has_a_time_of_the_same_shape() {
    let shape = |time: &str| -> String {
        let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
        time.chars().map(digit).collect()
    };
    for line in lines(&said(&["--log-format", "logfmt"])) {
        let time = line
            .strip_prefix("time=\"")
            .and_then(|rest| rest.split('"').next());
        assert_eq!(shape(time.unwrap()), "0000-00-00T00:00:00.000Z", "{line}");
    }
    for line in lines(&said(&["--log-format", "json"])) {
        let line: Value = serde_json::from_str(line).unwrap();
        let time = line["timestamp"].as_str().unwrap();
        assert_eq!(shape(time), "0000-00-00T00:00:00.000Z", "{line}");
    }
}

#[test]
fn each_line_is_pairs_for_whom_asks_for_logfmt() {
    for line in lines(&said(&["--log-format", "logfmt"])) {
        assert!(line.starts_with("time=\""), "{line}");
        let is_of_leases = line.contains("\" level=warning msg=\"6 leases");
        assert!(
            is_of_leases || line.contains("\" level=info msg=\""),
            "{line}"
        );
    }
}

/// A slip in a flag was five lines of text, whatever `--log-format` said: who collects the log of a pod as JSON
/// had lines that are none, and the reason why it did not start was lost.
#[test]
fn flags_that_are_refused_are_told_in_the_form_that_was_asked_for() {
    let site = Site::new();
    let slips: [(&[&str], &[&str]); 5] = [
        (&["--bogus"], &["unexpected argument '--bogus' found"]),
        (
            &["--to-revison", "5"],
            &["'--to-revison'", "; tip: ", "'--to-revision'"],
        ),
        (
            &["--to-revision", "five"],
            &["--to-revision", "whole number"],
        ),
        (
            &["--output", "yaml"],
            &["'yaml'", "[possible values: table, wide, json]"],
        ),
        (
            &["--log-level", "loud"],
            &["--log-level", "debug", "the numbers 0 (panic) to 6 (trace)"],
        ),
    ];
    for (slip, words) in slips {
        for format in [&["--log-format", "json"][..], &["--log-format=json"]] {
            for flags in [[slip, format].concat(), [format, slip].concat()] {
                let run = site.run("verify", &flags);
                run.failed_with(&[]);
                let line: Value = serde_json::from_str(&run.stderr).unwrap();
                assert_eq!(line["level"], "ERROR", "{line}");
                let message = line["message"].as_str().unwrap();
                for word in words {
                    assert!(message.contains(word), "no {word:?} in {message}");
                }
                assert!(!message.contains("Usage") && !message.starts_with("error"));
            }
        }
        let run = site.run("verify", &[slip, &["--log-format", "logfmt"]].concat());
        run.failed_with(&["level=error msg=\""]);
        assert_eq!(lines(&run.stderr).len(), 1, "{}", run.stderr);
        let text = site.run("verify", slip);
        text.failed_with(&["error: ", "--help"]);
    }
}

/// The variable holds for wrong flags, too; a flag counts more, the last one most, and none that is no flag.
#[test]
fn the_form_is_what_was_said_last() {
    let site = Site::new();
    let told = |flags: &[&str]| {
        let mut command = site.command("verify", flags);
        command.env("ETCDBRCTL_LOG_FORMAT", "json");
        let run = support::Run::of(command);
        run.failed_with(&[]);
        run.stderr
    };
    assert!(told(&["--bogus"]).starts_with('{'));
    assert!(told(&["--bogus", "--log-format", "logfmt"]).starts_with("time=\""));
    assert!(told(&["--log-format=text", "--bogus"]).starts_with("error: "));
    assert!(told(&["--log-format=text", "--log-format=json", "--bogus"]).starts_with('{'));
    assert!(told(&["--bogus", "--", "--log-format=text"]).starts_with('{'));
    // A form that is none is the slip itself.
    assert!(told(&["--log-format", "xml"]).contains("xml"));
}

/// A command that is missing a flag, or is none, is told alike.
#[test]
fn a_word_that_is_no_command_is_told_in_that_form() {
    for (words, told) in [
        (&["bogus"][..], "unrecognized subcommand 'bogus'"),
        (&["inspect", "bogus"], "unrecognized subcommand 'bogus'"),
        (&["keep"], "<SNAPSHOT>"),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command
            .env_clear()
            .env("ETCDBRCTL_LOG_FORMAT", "json")
            .args(words);
        let run = support::Run::of(command);
        run.failed_with(&[]);
        let line: Value = serde_json::from_str(&run.stderr).unwrap();
        assert!(line["message"].as_str().unwrap().contains(told), "{line}");
    }
}
