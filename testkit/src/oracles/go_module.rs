//! Servers built from Go modules: a main of some lines around the entry point of each.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::program;

/// What a program is built from.
#[derive(Debug)]
pub(super) struct GoModule {
    pub(super) main: &'static str,
    /// `go.mod` and `go.sum`.
    pub(super) module: &'static str,
    pub(super) sum: &'static str,
    /// What the linker is told: the version, where a program has it from there.
    pub(super) ldflags: &'static str,
}

/// Builds the modules into `program`. About a minute for an etcd when Go has not seen them yet.
pub(super) fn build(from: &GoModule, scratch: &Path, program: &Path) -> Result<()> {
    for (name, text) in [
        ("main.go", from.main),
        ("go.mod", from.module),
        ("go.sum", from.sum),
    ] {
        fs::write(scratch.join(name), text)?;
    }
    program::run(
        Command::new("go")
            .args(["build", "-trimpath", "-mod=readonly", "-buildvcs=false"])
            .args(["-ldflags", from.ldflags, "-o"])
            .arg(program)
            .arg(".")
            .current_dir(scratch)
            .env("CGO_ENABLED", "0"),
    )
    .context("it is built from Go modules: install Go 1.26 or later (https://go.dev/dl)")?;
    Ok(())
}
