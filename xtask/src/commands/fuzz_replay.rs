//! `cargo xtask fuzz-replay [--runs N] [--seed S] [--etcd VERSION] [--members 3]`: directories of
//! killed etcds, replayed and checked against etcds booted on them.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use testkit::oracles::ETCDS;
use testkit::replay::{Verdict, differential_in, survivors_agree};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many directories.
    #[arg(long, default_value_t = 20)]
    runs: u64,
    /// The seed of the first; random if it is not said, and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// Only this version of etcd; all in turn if none is said.
    #[arg(long, value_name = "VERSION", value_parser = version)]
    etcd: Option<&'static str>,
    /// Members of the cluster: one that is killed, or three of which one is.
    #[arg(long, default_value_t = 1, value_parser = members)]
    members: u8,
    /// Leave the directories of a run that fails, and say where they are.
    #[arg(long)]
    keep: bool,
}

fn version(text: &str) -> Result<&'static str> {
    let mut versions = ETCDS.iter().map(|oracle| oracle.version());
    let all = || ETCDS.map(|oracle| oracle.version()).join(", ");
    versions
        .find(|version| *version == text)
        .with_context(|| format!("there are {}", all()))
}

fn members(text: &str) -> Result<u8> {
    match text {
        "1" => Ok(1),
        "3" => Ok(3),
        _ => bail!("one or three"),
    }
}

/// One run after the other, from a seed that is printed, over all versions in turn or one.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let runs = args.runs;
    let first = args.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let versions: Vec<&str> = match args.etcd {
        Some(version) => vec![version],
        None => ETCDS.iter().map(|oracle| oracle.version()).collect(),
    };
    println!("seeds {first} to {}", first + runs - 1);
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    let mut failed = Vec::new();
    for seed in first..first + runs {
        let version = versions[(seed % versions.len() as u64) as usize];
        let room = tempfile::tempdir()?;
        let verdict = match args.members {
            3 => survivors_agree(version, seed),
            _ => differential_in(room.path(), version, seed),
        };
        match verdict {
            Ok(verdict) => {
                println!("{seed} on {version}: {verdict}");
                *tally.entry(kind(&verdict)).or_default() += 1;
            }
            Err(error) => {
                println!("{seed} on {version}: FAILED: {error:#}");
                failed.push(seed);
                if args.keep && args.members == 1 {
                    println!("its directories are in {}", room.keep().display());
                }
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
