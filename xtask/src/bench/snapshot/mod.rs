//! `cargo xtask bench snapshot`: what taking backups costs, and what it costs the etcd that is backed up.

mod catch_up;
mod encrypted;
mod follow;
mod full;
mod grpc;
mod load;
mod outage;
mod process;
mod range_delete;
mod setting;
mod sidecar;
mod stored;
mod taker;

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use testkit::oracles;

use super::built;
use super::cache::cache_dir;
use setting::Setting;

/// The etcd that is backed up.
const ETCD: &str = "3.5.35";

#[derive(clap::Args)]
pub(super) struct Args {
    /// Runs of each.
    #[arg(long, default_value_t = 3, value_parser = super::runs::some)]
    runs: usize,
    /// Only these; all if none is named.
    #[arg(long = "part", value_enum, value_name = "PART")]
    parts: Vec<Part>,
    /// Take fulls of 8 GiB, too; disk and memory must hold that much.
    #[arg(long)]
    large: bool,
    /// Seconds for which etcd is written to at its full rate.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Seconds for which the store is down; the aim is one of 300.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    outage: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Fulls, beside reading the same stream to nothing.
    Full,
    /// Fulls that are encrypted, each beside one that is not.
    Encrypted,
    /// Deltas at etcd's full write rate.
    Follow,
    /// A store that is down while etcd is written to.
    Outage,
    /// What happened while no snapshotter ran.
    CatchUp,
    /// One transaction that deletes 100,000 keys.
    RangeDelete,
    /// The sidecar: how soon it answers, and its memory.
    Sidecar,
}

/// Takes backups.
pub(super) fn run(args: &Args) -> Result<()> {
    if cfg!(debug_assertions) {
        return as_released();
    }
    let stores = ["--no-default-features", "--features", "local,oss"];
    let bench = Setting {
        binary: built::program(&[&["--package", "etcdbrctl"], &stores[..]].concat())?,
        oracle: oracles::etcd(ETCD)?,
        cache: cache_dir()?,
        runs: args.runs,
    };
    let mut sizes = vec![&full::SMALL, &full::MIDDLE];
    if args.large {
        sizes.push(&full::LARGE);
    }
    let parts = match &args.parts[..] {
        [] => Part::value_variants(),
        named => named,
    };
    for part in parts {
        match part {
            Part::Full => full::run(&bench, &sizes),
            Part::Encrypted => encrypted::run(&bench, &sizes),
            Part::Follow => follow::run(&bench, Duration::from_secs(args.seconds)),
            Part::Outage => outage::run(&bench, Duration::from_secs(args.outage)),
            Part::CatchUp => catch_up::run(&bench),
            Part::RangeDelete => range_delete::run(&bench),
            Part::Sidecar => sidecar::run(&bench, Duration::from_secs(args.seconds)),
        }?;
    }
    Ok(())
}

/// The same once more by a program that is optimized: what writes to etcd must not be slower than etcd.
fn as_released() -> Result<()> {
    let mut program = Command::new(built::program(&["--package", "xtask"])?);
    let ended = program.args(std::env::args_os().skip(1)).status()?;
    ensure!(ended.success(), "the measurement failed ({ended})");
    Ok(())
}
