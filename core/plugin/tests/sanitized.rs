//! The boundary under AddressSanitizer and UndefinedBehaviorSanitizer, as far as a stable toolchain
//! goes: the C plugin is compiled with them, and their allocator serves the host too, so that a
//! pointer used after its call, or a byte written beside what the host passed, ends the process.
//! Leaks are not counted: a plugin is never unloaded.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]
#![allow(clippy::disallowed_methods, reason = "it runs itself again")]

mod built;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use conformance_tests::Target;
use snapstore::StoreConfig;
use snapstore_plugin::{Options, load};

/// Names the compiled plugin to the run under the sanitizers.
const PLUGIN: &str = "ETCDBR_SANITIZED_PLUGIN";

const SANITIZERS: [&str; 4] = [
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-g",
    "-O1",
];

fn main() -> ExitCode {
    match std::env::var_os(PLUGIN) {
        Some(plugin) => suite(plugin.into()),
        None => outside(),
    }
}

/// The run under the sanitizers.
fn suite(plugin: PathBuf) -> ExitCode {
    conformance_tests::run(vec![Target::new("plugin-c(sanitized)", move || {
        let plugin = plugin.clone();
        async move { load(&plugin, &StoreConfig::default(), Options::default()).await }
    })])
}

fn outside() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let pile = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pile.c");
    let right = built::compile_with(&pile, dir.path(), &SANITIZERS);
    let good = under_sanitizers(&right)
        .args(std::env::args().skip(1))
        .status();
    let good = good.unwrap().success();
    // A sanitizer that sees nothing proves nothing: a plugin that reads after a key is caught.
    let wrong = fs::read_to_string(&pile).unwrap();
    let honest = "strncmp(object->key, (const char *)prefix.data, prefix.length) == 0";
    assert!(wrong.contains(honest), "pile.c has changed");
    let wrong = wrong.replace(
        honest,
        "memcmp(object->key, prefix.data, prefix.length + 4096) == 0",
    );
    let file = dir.path().join("wrong.c");
    fs::write(&file, wrong).unwrap();
    let wrong = built::compile_with(&file, dir.path(), &SANITIZERS);
    let ended = under_sanitizers(&wrong).arg("list::").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let caught = !ended.status.success() && said.contains("AddressSanitizer: heap-buffer-overflow");
    if good && caught {
        return ExitCode::SUCCESS;
    }
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("pile.c is clean: {good}; the wrong one is caught: {caught}\n").as_bytes(),
    );
    ExitCode::FAILURE
}

/// This program again, with the sanitizers' allocator under it.
fn under_sanitizers(plugin: &Path) -> Command {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again
        .env(PLUGIN, plugin)
        .env("LD_PRELOAD", runtime())
        .env("ASAN_OPTIONS", "detect_leaks=0");
    again
}

/// The runtime of the compiler that compiled the plugin.
fn runtime() -> String {
    let asked = Command::new("cc")
        .arg("-print-file-name=libasan.so")
        .output();
    let said = String::from_utf8(asked.expect("a C compiler, cc").stdout).unwrap();
    let path = said.trim().to_owned();
    assert!(Path::new(&path).is_absolute(), "cc has no AddressSanitizer");
    path
}
