//! `cargo xtask fuzz-history [--runs N] [--seed S]`: random histories, restored and compared.

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use xtask::history;

use super::own_program::OwnProgram;

/// One run after the other, from a seed that is printed.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let (mut runs, mut seed) = (20, None);
    let mut arguments = arguments.iter();
    while let Some(flag) = arguments.next() {
        let value = arguments
            .next()
            .with_context(|| format!("{flag} wants a number"))?;
        let number: u64 = value.parse().with_context(|| format!("{flag} {value}"))?;
        match flag.as_str() {
            "--runs" => runs = number,
            "--seed" => seed = Some(number),
            other => bail!("there is no flag {other}; there are --runs N and --seed S"),
        }
    }
    let first = seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
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
