//! `cargo xtask conformance`: does every store keep its promises, on real servers?

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use testkit::emulators::Session;

use super::emulators::{complete_targets, session};

/// Targets that need no server, or bring their own.
const BY_THEMSELVES: [&str; 4] = ["memory", "faulty", "local", "oss"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these stores (s3, gcs, abs, swift, oss, local, memory, faulty); all if none is named.
    #[arg(long = "target", value_name = "NAME,...", value_delimiter = ',')]
    targets: Vec<String>,
    /// With the cases that write a gigabyte.
    #[arg(long)]
    large: bool,
    /// For the test program, after `--`: the name of a case, flags of `cargo test`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Starts what the targets need, runs the suite on them, and stops it.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let (alone, served): (Vec<_>, Vec<_>) = args
        .targets
        .iter()
        .cloned()
        .partition(|target| BY_THEMSELVES.contains(&target.as_str()));
    let (session, missing) = match (alone.is_empty(), served.is_empty()) {
        // Not all, which no names at all would mean.
        (false, true) => (Session::start(&[])?, Vec::new()),
        _ => session(&served)?,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The plugin that is a target of the suite: tests that are named do not bring examples with them.
    let built = Command::new(&cargo)
        .args(["build", "--locked", "--workspace", "--example", "shelf"])
        .status()
        .context("run cargo build")?;
    ensure!(built.success(), "the plugin that is tried was not built");
    let mut suite = Command::new(cargo);
    if args.large {
        suite.env("CONFORMANCE_LARGE", "1");
    }
    let status = suite
        // The whole workspace, so that the providers are compiled as `cargo xtask test` has them.
        .args(["test", "--locked", "--workspace", "--no-fail-fast"])
        .args(["--test", "conformance", "--test", "faults", "--"])
        .args(&args.rest)
        .envs(session.variables())
        .env("REQUIRE_TARGETS", complete_targets(&session))
        // The servers go with the session.
        .env("CONFORMANCE_LEAVE", "1")
        .status()
        .context("run cargo test")?;
    if !missing.is_empty() {
        println!("INCOMPLETE: nothing was tried on {}", missing.join(", "));
    }
    ensure!(status.success(), "a store breaks a promise");
    Ok(ExitCode::SUCCESS)
}
