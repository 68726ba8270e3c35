//! A database or a log that is given by a pipe, as `kubectl exec ... | etcdbrctl` and `<(zcat my.db.gz)` of a shell have it.

mod support;

use std::fs;
use std::process::Command;

use support::{Run, Site};

fn program(site: &Site, words: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().env("HOME", site.path());
    command.current_dir(site.path()).args(words);
    Run::of(command)
}

/// `--from-file -` was "No such file or directory", a process substitution too, of a name that nobody had written
/// (`/proc/7/fd/pipe:[8]`), and a pipe to which nobody wrote was waited for without a word.
#[test]
fn what_is_given_once_is_told_what_to_do() {
    let (site, history) = Site::with_history();
    fs::write(site.path().join("my.db"), history.full(20)).unwrap();
    let fifo = Command::new("mkfifo")
        .arg(site.path().join("pipe"))
        .status();
    assert!(fifo.unwrap().success());
    for command in [
        &["verify", "--from-file"][..],
        &["restore", "--from-file"],
        &["restore", "--dry-run", "--from-file"],
        &["inspect", "db"],
        &["inspect", "wal"],
        &["inspect", "snap"],
    ] {
        for (path, is) in [
            ("-", "standard input is given once"),
            ("pipe", "it is a pipe"),
        ] {
            let words = [command, &[path]].concat();
            program(&site, &words).failed_with(&[is, "into a file first, and name that"]);
        }
        let script = format!("exec \"$0\" {} <(cat my.db)", command.join(" "));
        let mut shell = Command::new("bash");
        shell
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", site.path());
        shell.current_dir(site.path());
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_etcdbrctl")]);
        Run::of(shell).failed_with(&["/dev/fd/", "it is a pipe"]);
    }
    assert!(!site.path().join("default.etcd").exists());
    // Standard input that is a file may be read at any place.
    let mut redirected = Command::new("sh");
    redirected
        .env_clear()
        .env("HOME", site.path())
        .current_dir(site.path());
    redirected.args(["-c", "exec \"$0\" verify --from-file /dev/stdin < my.db"]);
    redirected.arg(env!("CARGO_BIN_EXE_etcdbrctl"));
    let run = Run::of(redirected);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}
