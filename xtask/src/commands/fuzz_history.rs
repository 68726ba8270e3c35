//! `cargo xtask fuzz-history [--runs N] [--seed S]`: random histories, restored and compared.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use testkit::history;

use super::own_program::OwnProgram;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many histories.
    #[arg(long, default_value_t = 20)]
    runs: u64,
    /// The seed of the first; random if it is not said, and printed.
    #[arg(long)]
    seed: Option<u64>,
}

/// One run after the other, from a seed that is printed.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let runs = args.runs;
    let first = args.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    println!("seeds {first} to {}", first + runs.saturating_sub(1));
    let program = OwnProgram::build()?;
    let mut failed = Vec::new();
    for seed in first..first + runs {
        match history::differential(program.path(), seed) {
            Ok(compared) => println!("{seed}: {compared}"),
            Err(error) => {
                println!("{seed}: FAILED: {error:#}");
                failed.push(seed);
            }
        }
    }
    ensure!(
        failed.is_empty(),
        "{} of {runs} failed: {failed:?}",
        failed.len()
    );
    Ok(ExitCode::SUCCESS)
}
