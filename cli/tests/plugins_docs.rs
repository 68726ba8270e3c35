//! The commands of docs/plugins.md, run as they stand there.
#![cfg(feature = "plugins")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// All of them in one shell, in order: what the first have made is used by the last. What cargo builds
/// is there, and etcdbrctl on the path.
#[test]
fn a_newcomer_gets_from_nothing_to_a_suite_that_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/plugins.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines);
    let script: Vec<_> = lines
        // The example is built with the tests of its package.
        .filter(|line| *line != "cargo build -p snapstore-plugin --example shelf")
        .map(|line| line.replace("cargo run -p etcdbrctl --", "etcdbrctl"))
        .collect();
    assert!(script.len() > 4, "{script:?}");

    let dir = tempfile::tempdir().unwrap();
    let built = Path::new(env!("CARGO_BIN_EXE_etcdbrctl")).parent().unwrap();
    symlink(root.join("core"), dir.path().join("core")).unwrap();
    fs::create_dir(dir.path().join("target")).unwrap();
    symlink(built, dir.path().join("target/debug")).unwrap();
    let script = script.join("\n");
    let output = Command::new("sh")
        .args(["-euc", &format!("umask 022\nPATH=\"$BIN:$PATH\"\n{script}")])
        .current_dir(dir.path())
        .env("BIN", built)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{stderr}");
}
