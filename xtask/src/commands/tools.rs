//! Tools of cargo, built from crates.io into this user's cache.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use testkit::cache::Slot;
use testkit::program;

/// The program of this crate in this version, built if it is not there: some minutes, once.
pub(super) fn bring(name: &str, version: &str) -> Result<PathBuf> {
    let slot = Slot::on("tools", format!("{name}-{version}"))?;
    let _lock = slot.lock()?;
    let program = slot.program(name);
    if program.exists() {
        return Ok(program);
    }
    let unfinished = slot.begin()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    program::run(
        Command::new(cargo)
            .args(["install", name, "--locked", "--version", version])
            .arg("--root")
            .arg(unfinished.whole())
            .env("CARGO_TARGET_DIR", unfinished.scratch()),
    )
    .with_context(|| format!("bring {name}"))?;
    unfinished.publish(&slot)?;
    Ok(program)
}
