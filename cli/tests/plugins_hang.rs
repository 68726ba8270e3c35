//! A plugin that does not come back, and the end of the process. One that hung in its constructor could
//! only be ended with SIGKILL: nothing heard of signals, for the runtime stood still as well.
#![cfg(feature = "plugins")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::Signal;

use support::signal;

/// The C plugin in whose file `with` stands in the place of `instead`, and may call `hang`.
fn plugin(dir: &Path, instead: &str, with: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let pile = fs::read_to_string(root.join("core/plugin/examples/pile.c")).unwrap();
    assert!(pile.contains(instead), "pile.c has changed");
    let pile = pile.replace(instead, with);
    let source = dir.join("hangs.c");
    let begun = dir.join("begun");
    let head = format!(
        "#define _POSIX_C_SOURCE 200809L\n#include <stdio.h>\n#include <unistd.h>\n\
         static void hang(void) {{ fclose(fopen({begun:?}, \"w\")); for (;;) pause(); }}\n"
    );
    fs::write(&source, head + &pile).unwrap();
    let out = dir.join("libhangs.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-I"]);
    cc.arg(root.join("core/plugin/include"));
    let built = cc.arg(&source).arg("-o").arg(&out).status().unwrap();
    assert!(built.success());
    out
}

/// Where functions may be put into the file.
const FIRST: &str = "static struct object **find(";

fn list(plugin: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.args(["list", "--storage-provider", "Hangs", "--plugin"]);
    command.arg(plugin);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().unwrap()
}

/// What came of a process to which `signals` were sent once it hung.
fn ended(dir: &Path, mut child: Child, signals: u32) -> Output {
    while !dir.join("begun").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it did not hang");
    }
    for _ in 0..signals {
        signal(&child, Signal::TERM);
    }
    child.wait_with_output().unwrap()
}

#[test]
fn sigterm_ends_a_process_whose_plugin_hangs_while_it_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let constructor = "__attribute__((constructor)) static void begin(void) { hang(); }\n";
    let path = plugin(dir.path(), FIRST, &format!("{constructor}{FIRST}"));
    let output = ended(dir.path(), list(&path), 1);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("interrupted"), "{stderr}");
}

/// What was asked for was done and said, and only the plugin is left: the process ends as what was done
/// did.
#[test]
fn a_plugin_that_hangs_at_the_end_does_not_hold_up_the_end() {
    let close = "static void close_pile(void *store) {";
    let destructor = "__attribute__((destructor)) static void end(void) { hang(); }\n";
    // Nothing of a plugin runs after `close`.
    for (instead, with, is_run) in [
        (close, format!("{close} hang();"), true),
        (FIRST, format!("{destructor}{FIRST}"), false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = plugin(dir.path(), instead, &with);
        let output = list(&path).wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{with}: {stderr}");
        assert_eq!(dir.path().join("begun").exists(), is_run, "{with}");
    }
}
