//! The commands of the README, run as they stand there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What stands between ```sh and ```, in order.
fn blocks() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let after = readme.split("```sh\n").skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// Runs `script` where a newcomer would: beside testdata and what cargo has built, with etcdbrctl on
/// the path.
fn run(script: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    symlink(root().join("testdata"), dir.path().join("testdata")).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    fs::create_dir(dir.path().join("target")).unwrap();
    symlink(binary.parent().unwrap(), dir.path().join("target/debug")).unwrap();
    let output = Command::new("sh")
        .args(["-euc", &format!("PATH=\"$BIN:$PATH\"\n{script}")])
        .current_dir(dir.path())
        .env("BIN", binary.parent().unwrap())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{stderr}");
    dir
}

#[test]
fn the_first_command_restores_the_sample() {
    let block = &blocks()[0];
    let cargo = "cargo run -p etcdbrctl --no-default-features --features local --";
    let command = block.replace(cargo, "etcdbrctl");
    assert_ne!(
        *block, command,
        "the first command runs etcdbrctl through cargo"
    );
    let dir = run(&command);
    assert!(dir.path().join("restored.etcd/member/snap/db").exists());
}

/// The second command runs this very test, among all others; CI runs the same.
#[test]
fn the_second_command_is_what_ci_runs() {
    let block = blocks()[1].trim().to_owned();
    assert_eq!(block, "cargo xtask test");
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line == block), "{ci}");
}

/// Commands that build run in CI, word for word but for `--locked`: here they would build all of it again.
#[test]
fn what_is_built_is_what_ci_builds() {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let ci = ci.replace("build --locked", "build");
    let blocks = blocks();
    let builds = blocks[3..].iter().flat_map(|block| block.lines());
    let builds: Vec<_> = builds.filter(|line| line.starts_with("cargo ")).collect();
    assert_eq!(builds.len(), 3, "{builds:?}");
    for line in builds {
        // The example is built with the tests of its package, by `cargo test`.
        let is_example = line == "cargo build -p snapstore-plugin --example shelf";
        assert!(is_example || ci.lines().any(|run| run == line), "{line}");
    }
}

#[test]
fn the_commands_on_stores_work() {
    for block in &blocks()[4..] {
        let lines = block.lines().filter(|line| !line.starts_with("cargo "));
        run(&lines.collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn the_commands_of_every_day_work_on_the_sample() {
    let dir = run(&blocks()[2]);
    assert!(!dir.path().join("new.etcd").exists());
    for restored in ["then.etcd", "noon.etcd", "k8s.etcd"] {
        assert!(
            dir.path().join(restored).join("member/wal").exists(),
            "{restored}"
        );
    }
}
