//! C files, compiled on the spot.
#![allow(dead_code, reason = "each test program uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles `source` against the header, warnings being errors.
pub(crate) fn compile(source: &Path, dir: &Path) -> PathBuf {
    compile_with(source, dir, &[])
}

/// The same with more flags.
pub(crate) fn compile_with(source: &Path, dir: &Path, flags: &[&str]) -> PathBuf {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let stem = source.file_stem().unwrap().to_str().unwrap();
    let out = dir.join(format!("lib{stem}.so"));
    let output = Command::new("cc")
        .args([
            "-std=c11", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-I",
        ])
        .arg(include)
        .args(flags)
        .arg(source)
        .arg("-o")
        .arg(&out)
        .arg("-lpthread")
        .output()
        .expect("a C compiler, cc, is needed to build C plugins");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    out
}

/// The example in C, changed by `code`: a C file in which `pile` fills the table of the example, and
/// which fills its own after it.
pub(crate) fn pile_with(dir: &Path, name: &str, code: &str) -> PathBuf {
    let pile = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pile.c");
    let pile = fs::read_to_string(pile).unwrap();
    let source = format!(
        r#"#define snapstore_plugin_v1 pile
{pile}
#undef snapstore_plugin_v1
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <unistd.h>
{code}"#
    );
    let file = dir.join(format!("{name}.c"));
    fs::write(&file, source).unwrap();
    compile(&file, dir)
}
