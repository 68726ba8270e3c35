//! `--timeout`. A run had no end of its own: beside a store that answers, but never with what is needed, a
//! job of Kubernetes stood until somebody looked.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::process::Command;

use support::{Run, Site};

/// A STUB of a server that takes every request and never answers.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            open.push(stream);
        }
    });
    url
}

#[test]
fn a_run_that_takes_too_long_is_stopped_and_leaves_nothing_behind() {
    let site = Site::new();
    let data_dir = site.path().join("out");
    for verb in ["list", "verify", "restore", "initialize"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.arg(verb).env("HOME", site.path());
        command.args(["--storage-provider", "S3", "--store-container", "bucket"]);
        command.args(["--store-endpoint-override", &silent(), "--timeout", "2s"]);
        command.env("AWS_ACCESS_KEY_ID", "id");
        command.env("AWS_SECRET_ACCESS_KEY", "secret");
        command.env("AWS_REGION", "eu-west-1");
        if matches!(verb, "restore" | "initialize") {
            command.arg("--data-dir").arg(&data_dir);
        }
        let run = Run::of(command);
        run.failed_with(&["not done within 2s (--timeout): "]);
        // A verification that was stopped spoke of files that it had removed.
        let is_of_writing = run.stderr.contains("removed") || run.stderr.contains("published");
        assert!(
            verb == "restore" || !is_of_writing,
            "{verb}: {}",
            run.stderr
        );
        assert!(!data_dir.exists(), "{verb}");
    }
}

#[test]
fn a_run_that_ends_in_time_is_as_ever() {
    let site = Site::with_backup("e35-gzip");
    site.restore(&["--timeout", "1h"]);
    assert!(site.data_dir().join("member/snap/db").exists());
}

/// Without a store nobody looked at the time. What does not stop when it is asked to, as one that waits for a
/// lock, is ended some seconds later.
#[test]
fn a_run_without_a_store_is_ended_too() {
    let site = Site::with_backup("e35-gzip");
    site.restore(&[]);
    let db = File::open(site.data_dir().join("member/snap/db")).unwrap();
    let _held = engine::lock::exclusive(db).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.args([
        "initialize",
        "--timeout",
        "1s",
        "--lock-timeout",
        "1h",
        "--data-dir",
    ]);
    command.arg(site.data_dir());
    Run::of(command).failed_with(&["not done within 1s (--timeout)"]);
    assert!(site.data_dir().join("member/snap/db").exists());
}

#[test]
fn a_time_that_is_none_is_refused() {
    let site = Site::with_backup("e35-gzip");
    for (time, told) in [
        ("0s", "above zero"),
        ("0", "above zero"),
        ("-5m", "above zero"),
        ("soon", "1h30m"),
    ] {
        let run = site.run("list", &[&format!("--timeout={time}")]);
        run.failed_with(&["--timeout", told]);
    }
}
