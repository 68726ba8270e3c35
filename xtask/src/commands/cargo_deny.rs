//! cargo-deny, built from crates.io into this user's cache.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use testkit::cache::Slot;
use testkit::program;

/// What is built.
const VERSION: &str = "0.20.2";

/// The program, built if it is not there: some minutes, once.
pub(super) fn bring() -> Result<PathBuf> {
    let slot = Slot::on("tools", format!("cargo-deny-{VERSION}"))?;
    let _lock = slot.lock()?;
    let program = slot.program("cargo-deny");
    if program.exists() {
        return Ok(program);
    }
    let unfinished = slot.begin()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    program::run(
        Command::new(cargo)
            .args(["install", "cargo-deny", "--locked", "--version", VERSION])
            .arg("--root")
            .arg(unfinished.whole())
            .env("CARGO_TARGET_DIR", unfinished.scratch()),
    )
    .context("bring cargo-deny")?;
    unfinished.publish(&slot)?;
    Ok(program)
}
