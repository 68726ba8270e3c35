//! `cargo xtask fuzz-replay [--runs N] [--seed S] [--etcd VERSION] [--members 3]`: directories of
//! killed etcds, replayed and held against etcds booted on them.

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use xtask::oracles::ETCDS;
use xtask::replay::{Verdict, differential, survivors_agree};

/// One run after the other, from a seed that is printed, over all versions in turn or one.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let (mut runs, mut first, mut members) = (20, u64::from(fastrand::u32(..)), 1);
    let mut versions: Vec<&str> = ETCDS.iter().map(|oracle| oracle.version()).collect();
    let mut arguments = arguments.iter();
    while let Some(flag) = arguments.next() {
        let value = arguments
            .next()
            .with_context(|| format!("{flag} wants a value"))?;
        let number = || value.parse().with_context(|| format!("{flag} {value}"));
        match flag.as_str() {
            "--runs" => runs = number()?,
            "--seed" => first = number()?,
            "--members" => members = number()?,
            "--etcd" => versions.retain(|version| version == value),
            other => bail!("there is no flag {other}; there are --runs, --seed, --etcd, --members"),
        }
    }
    ensure!(!versions.is_empty(), "no oracle is that etcd");
    println!("seeds {first} to {}", first + runs - 1);
    let (mut exact, mut between, mut failed) = (0, 0, Vec::new());
    for seed in first..first + runs {
        let version = versions[(seed % versions.len() as u64) as usize];
        let outcome = if members == 3 {
            survivors_agree(version, seed).map(|said| (said.starts_with("exact"), said))
        } else {
            differential(version, seed).map(|verdict| {
                (
                    matches!(verdict, Verdict::Exact { .. }),
                    verdict.to_string(),
                )
            })
        };
        match outcome {
            Ok((is_exact, said)) => {
                println!("{seed} on {version}: {said}");
                exact += u64::from(is_exact);
                between += u64::from(!is_exact);
            }
            Err(error) => {
                println!("{seed} on {version}: FAILED: {error:#}");
                failed.push(seed);
            }
        }
    }
    println!(
        "{exact} exact, {between} not, {} failed: {failed:?}",
        failed.len()
    );
    ensure!(failed.is_empty(), "{} of {runs} failed", failed.len());
    Ok(ExitCode::SUCCESS)
}
