//! `cargo xtask fuzz-replay [--runs N] [--seed S] [--etcd VERSION] [--members 3]`: directories of
//! killed etcds, replayed and held against etcds booted on them.

use std::collections::BTreeMap;
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
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    let mut failed = Vec::new();
    for seed in first..first + runs {
        let version = versions[(seed % versions.len() as u64) as usize];
        let verdict = match members {
            3 => survivors_agree(version, seed),
            _ => differential(version, seed),
        };
        match verdict {
            Ok(verdict) => {
                println!("{seed} on {version}: {verdict}");
                *tally.entry(kind(&verdict)).or_default() += 1;
            }
            Err(error) => {
                println!("{seed} on {version}: FAILED: {error:#}");
                failed.push(seed);
            }
        }
    }
    for (kind, count) in &tally {
        println!("{count} of {runs} {kind}");
    }
    ensure!(
        failed.is_empty(),
        "{} of {runs} failed: {failed:?}",
        failed.len()
    );
    Ok(ExitCode::SUCCESS)
}

fn kind(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Exact { for_any: true, .. } => "exact",
        Verdict::Exact { for_any: false, .. } => "exact when the version is known",
        Verdict::Between { .. } => "not exact",
        Verdict::Panics => "foretold that etcd dies",
    }
}
