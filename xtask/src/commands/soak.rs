//! `cargo xtask soak [--minutes N] [--seed S] [--members 1|3]`: members with their sidecars under load, and a fault each minute.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use clap::value_parser;

use super::oracles::bring_all;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How long faults go on.
    #[arg(long, default_value_t = 30, value_parser = value_parser!(u64).range(1..))]
    minutes: u64,
    /// Decides which fault comes when, and where it strikes; random if it is not said, and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// How many members: of 1, backups are all that is left; of 3, nothing may be lost.
    #[arg(long, default_value = "1", value_parser = PossibleValuesParser::new(["1", "3"]))]
    members: String,
    /// Seconds from the end of a fault to the next; CI takes few.
    #[arg(long, default_value_t = 60)]
    every: u64,
}

/// Runs it where mounts are its own: it fills small volumes.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    bring_all()?;
    let seed = args.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let (minutes, every) = (args.minutes.to_string(), args.every.to_string());
    let keep = std::env::temp_dir().join(format!("etcdbr-soak-{seed}-{}", std::process::id()));
    println!("seed {seed}, {} members, {minutes} minutes", args.members);
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    let status = command
        .args([
            "--mount",
            "--",
            env!("CARGO"),
            "test",
            "--quiet",
            "--locked",
        ])
        .args(["--workspace", "--test", "soak", "--"])
        .args(["--minutes", &minutes, "--seed", &seed.to_string()])
        .args(["--members", &args.members, "--every", &every])
        .arg("--keep")
        .arg(keep)
        .status()
        .context("run unshare, of util-linux")?;
    match status.success() {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}
