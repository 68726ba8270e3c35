//! `cargo xtask fuzz-history [--runs N] [--seed S]`: random histories, restored and compared.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use xtask::history;

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
    let program = program()?;
    let mut failed = Vec::new();
    for seed in first..first + runs {
        match history::differential(&program, seed) {
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

/// The program under test, built.
fn program() -> Result<PathBuf> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "etcdbrctl"])
        .status()?;
    ensure!(built.success(), "etcdbrctl does not build");
    // Built by the same command into the same directory as this one.
    Ok(std::env::current_exe()?.with_file_name("etcdbrctl"))
}
