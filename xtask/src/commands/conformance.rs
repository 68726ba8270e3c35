//! `cargo xtask conformance`: does every store keep its promises, on real servers?

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use xtask::emulators::Session;

use super::emulators::{complete_targets, session};

/// Targets that need no server, or bring their own.
const BY_THEMSELVES: [&str; 4] = ["memory", "faulty", "local", "oss"];

/// Starts what the targets need, runs the suite on them, and stops it.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let (targets, rest) = parse(arguments)?;
    let (alone, served): (Vec<_>, Vec<_>) = targets
        .into_iter()
        .partition(|target| BY_THEMSELVES.contains(&target.as_str()));
    let (session, missing) = match (alone.is_empty(), served.is_empty()) {
        // Not all, which no names at all would mean.
        (false, true) => (Session::start(&[])?, Vec::new()),
        _ => session(&served)?,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        // The whole workspace, so that the providers are compiled as `cargo xtask test` has them.
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(["--test", "conformance", "--test", "faults", "--"])
        .args(rest)
        .envs(session.variables())
        .env("REQUIRE_TARGETS", complete_targets(&session))
        .status()
        .context("run cargo test")?;
    if !missing.is_empty() {
        println!("INCOMPLETE: nothing was tried on {}", missing.join(", "));
    }
    ensure!(status.success(), "a store breaks a promise");
    Ok(ExitCode::SUCCESS)
}

/// The targets, none for all, and what goes to the test program.
fn parse(arguments: &[String]) -> Result<(Vec<String>, &[String])> {
    let mut targets = Vec::new();
    let mut rest = arguments;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match (first.as_str(), others.split_first()) {
            ("--", _) => break,
            ("--target", Some((names, others))) => {
                targets.extend(names.split(',').map(|name| name.trim().to_owned()));
                rest = others;
            }
            (other, _) => bail!("{other}? There are --target NAME,... and -- ARGUMENTS"),
        }
    }
    Ok((targets, rest))
}
