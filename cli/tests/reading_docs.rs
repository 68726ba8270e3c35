//! docs/reading.md, and the examples in the help of `get`, `diff` and `extract`: what needs no cloud and no etcd is run as it stands there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use testkit::etcd::Etcd;
use testkit::oracles;

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_etcdbrctl");

/// A directory with a chain in `backups` and in `other`, and snapshots of a real etcd.
fn room() -> TempDir {
    let room = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip");
    for store in ["backups", "other"] {
        symlink(&sample, room.path().join(store)).unwrap();
    }
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    etcd.put(b"/config/app", b"1").unwrap();
    for file in ["before.db", "snapshot.db"] {
        etcd.save_snapshot(&room.path().join(file)).unwrap();
    }
    etcd.put(b"/config/app", b"2").unwrap();
    etcd.save_snapshot(&room.path().join("after.db")).unwrap();
    room
}

/// Runs `script` there: its exit code, and what it printed.
fn run(room: &TempDir, script: &str) -> (Option<i32>, String) {
    let ours = Path::new(PROGRAM).parent().unwrap().display();
    let output = Command::new("sh")
        .args(["-euc", &format!("PATH=\"{ours}:$PATH\"\n{script}")])
        .current_dir(room.path())
        .env("HOME", room.path())
        .env("STORAGE_CONTAINER", room.path().join("backups"))
        .output()
        .unwrap();
    let (out, err) = (output.stdout.as_slice(), output.stderr.as_slice());
    let said = String::from_utf8_lossy(&[out, err].concat()).into_owned();
    (output.status.code(), said)
}

#[test]
fn the_page_is_followed() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reading.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks: Vec<_> = page.split("```sh\n").skip(1).collect();
    assert_eq!(blocks.len(), 2);
    let room = room();
    for block in blocks {
        let script = block.split("```").next().unwrap();
        let (code, said) = run(&room, script);
        assert_eq!(code, Some(0), "{script}\n{said}");
    }
}

/// The examples of a command, each one line.
fn examples(verb: &str) -> Vec<String> {
    let help = Command::new(PROGRAM)
        .args([verb, "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, below) = help.split_once("Examples:\n").unwrap();
    let lines = below.replace("\\\n", " ");
    lines
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_examples_of_the_help_do_what_they_say() {
    let room = room();
    let mut ran = 0;
    for verb in ["get", "diff", "extract"] {
        for line in examples(verb) {
            if line.contains("S3") || line.contains("--to ") {
                continue;
            }
            let (code, said) = run(&room, &line);
            let meant = if line.contains("--exit-code") { 2 } else { 0 };
            assert_eq!(code, Some(meant), "{line}\n{said}");
            ran += 1;
        }
    }
    assert_eq!(ran, 6);
    let script = fs::read_to_string(room.path().join("back.sh")).unwrap();
    assert!(script.contains("/config/app"), "{script}");
}
