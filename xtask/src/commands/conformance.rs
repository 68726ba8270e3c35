//! `cargo xtask conformance`: does every store keep its promises, on real servers?

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use xtask::emulators::Session;

use super::emulators::{complete_targets, session};

/// Targets that need no server, or bring their own.
const BY_THEMSELVES: [&str; 4] = ["memory", "faulty", "local", "oss"];

/// Starts what the targets need, runs the suite on them, and stops it.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let Wanted {
        targets,
        large,
        rest,
    } = parse(arguments)?;
    let (alone, served): (Vec<_>, Vec<_>) = targets
        .into_iter()
        .partition(|target| BY_THEMSELVES.contains(&target.as_str()));
    let (session, missing) = match (alone.is_empty(), served.is_empty()) {
        // Not all, which no names at all would mean.
        (false, true) => (Session::start(&[])?, Vec::new()),
        _ => session(&served)?,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut suite = Command::new(cargo);
    if large {
        suite.env("CONFORMANCE_LARGE", "1");
    }
    let status = suite
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

/// What somebody asked for.
struct Wanted<'a> {
    /// None for all.
    targets: Vec<String>,
    /// With the cases that write a gigabyte.
    large: bool,
    /// What goes to the test program.
    rest: &'a [String],
}

fn parse(arguments: &[String]) -> Result<Wanted<'_>> {
    let (mut targets, mut large) = (Vec::new(), false);
    let mut rest = arguments;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match (first.as_str(), others.split_first()) {
            ("--", _) => break,
            ("--large", _) => large = true,
            ("--target", Some((names, others))) => {
                targets.extend(names.split(',').map(|name| name.trim().to_owned()));
                rest = others;
            }
            (other, _) => {
                bail!("{other}? There are --target NAME,..., --large and -- ARGUMENTS")
            }
        }
    }
    Ok(Wanted {
        targets,
        large,
        rest,
    })
}
