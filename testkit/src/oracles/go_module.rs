//! Programs built from Go modules.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::program;

/// Where the function is that Go starts.
#[derive(Debug)]
pub(super) enum Main {
    /// In some lines of ours around an entry point: this text.
    Ours(&'static str),
    /// In this package, which the module names as a tool.
    Package(&'static str),
}

/// What a program is built from.
#[derive(Debug)]
pub(super) struct GoModule {
    pub(super) main: Main,
    /// `go.mod` and `go.sum`.
    pub(super) module: &'static str,
    pub(super) sum: &'static str,
    /// What the linker is told: the version, where a program has it from there.
    pub(super) ldflags: &'static str,
}

/// Builds the modules into `program`. About a minute for an etcd when Go has not seen them yet.
pub(super) fn build(from: &GoModule, scratch: &Path, program: &Path) -> Result<()> {
    for (name, text) in [("go.mod", from.module), ("go.sum", from.sum)] {
        fs::write(scratch.join(name), text)?;
    }
    let package = match from.main {
        Main::Ours(text) => {
            fs::write(scratch.join("main.go"), text)?;
            "."
        }
        Main::Package(package) => package,
    };
    program::run(
        Command::new("go")
            .args(["build", "-trimpath", "-mod=readonly", "-buildvcs=false"])
            .args(["-ldflags", from.ldflags, "-o"])
            .arg(program)
            .arg(package)
            .current_dir(scratch)
            .env("CGO_ENABLED", "0"),
    )
    .context("it is built from Go modules: install Go 1.26 or later (https://go.dev/dl)")?;
    Ok(())
}
