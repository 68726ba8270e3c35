//! etcd built from Go modules: a main of ten lines around the server's own entry point.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::program;

const MAIN: &str = include_str!("../../oracles/etcd/main.go");

/// Builds the modules that `module` and `sum` pin into `program`. About a minute when Go has not
/// seen them yet.
pub(super) fn build(module: &str, sum: &str, scratch: &Path, program: &Path) -> Result<()> {
    for (name, text) in [("main.go", MAIN), ("go.mod", module), ("go.sum", sum)] {
        fs::write(scratch.join(name), text)?;
    }
    program::run(
        Command::new("go")
            .args(["build", "-trimpath", "-mod=readonly", "-buildvcs=false"])
            .arg("-o")
            .arg(program)
            .arg(".")
            .current_dir(scratch)
            .env("CGO_ENABLED", "0"),
    )
    .context("it is built from Go modules: install Go 1.26 or later (https://go.dev/dl)")?;
    Ok(())
}
