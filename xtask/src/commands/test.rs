//! `cargo xtask test`: all tests of the project, with what they need brought first.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use super::emulators::{complete_targets, session};
use super::oracles::{bring_all, must_be_complete};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// For `cargo test`, after `--`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Brings the oracles, starts the emulators, runs every test of the workspace, and stops the
/// emulators.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let missing = bring_all()?;
    ensure!(
        missing.is_empty() || !must_be_complete(),
        "under CI every oracle must be there: no {}",
        missing.join(", no ")
    );
    let (session, no_emulators) = session(&[])?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["test", "--locked", "--workspace", "--no-fail-fast"])
        .args(&args.rest)
        .envs(session.variables())
        .env("REQUIRE_TARGETS", complete_targets(&session))
        .status()
        .context("run cargo test")?;
    if !missing.is_empty() {
        println!(
            "INCOMPLETE: restores were not checked with {}",
            missing.join(", ")
        );
    }
    if !no_emulators.is_empty() {
        println!(
            "INCOMPLETE: no store was tried on {}",
            no_emulators.join(", ")
        );
    }
    ensure!(status.success(), "tests failed");
    Ok(ExitCode::SUCCESS)
}
