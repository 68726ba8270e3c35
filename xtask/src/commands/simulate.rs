//! `cargo xtask simulate [--runs N] [--seed S]`: the snapshotter's machine in a world that fails, from many
//! seeds. What a seed does is the same on every machine.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many histories.
    #[arg(long, default_value_t = 100_000)]
    runs: u64,
    /// The seed of the first; random if it is not said, and printed.
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs the test of the engine over these seeds.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let first = args.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    println!("seeds {first} to {}", first + args.runs - 1);
    let test = "snapshot::machine::state_tests::whatever_happens_what_was_stored_is_restorable";
    let status = Command::new(env!("CARGO"))
        .args(["test", "--locked", "--package", "engine", "--lib"])
        .args(["--", "--exact", "--nocapture", test])
        .env("SIMULATE_RUNS", args.runs.to_string())
        .env("SIMULATE_SEED", first.to_string())
        .status()
        .context("run cargo")?;
    match status.success() {
        true => {
            println!(
                "{} histories, and all that was stored was restorable",
                args.runs
            );
            Ok(ExitCode::SUCCESS)
        }
        false => Ok(ExitCode::FAILURE),
    }
}
