//! `cargo xtask bench`: how fast and how large, beside what others or the machine can do in the same
//! minute.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command: it prints"
)]

mod built;
mod cache;
mod compact;
mod copy;
mod corpus;
mod delta_writer;
mod far;
mod far_full;
mod footprint;
mod full_writer;
mod initialize;
mod latency;
mod limit;
mod make;
mod measure;
mod moment;
mod put_log;
mod restore;
mod runs;
mod sidecar;
mod sizes;
mod snapshot;
mod stores;
mod table;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Restores, beside the least that they could take on this machine.
    Restore(restore::Args),
    /// Makes one full of a chain, beside the least that a restore of it could take.
    Compact(compact::Args),
    /// A full from one MinIO to another, by us and by rclone in turn.
    Copy(copy::Args),
    /// An object up and down, by us and by rclone in turn.
    Stores(stores::Args),
    /// Restores from a store that is far away: of 200 deltas, and of one large full.
    Latency(latency::Args),
    /// Judging data directories, and mending them.
    Initialize(initialize::Args),
    /// Taking backups, and what that costs the etcd that is backed up.
    Snapshot(snapshot::Args),
    /// How large the program is with all providers, and with each alone.
    Sizes(sizes::Args),
}

/// Measures and prints a table.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        What::Restore(args) => restore::run(args),
        What::Compact(args) => compact::run(args),
        What::Copy(args) => copy::run(args),
        What::Stores(args) => stores::run(args),
        What::Latency(args) => latency::run(args),
        What::Initialize(args) => initialize::run(args),
        What::Snapshot(args) => snapshot::run(args),
        What::Sizes(args) => sizes::run(args),
    }?;
    Ok(ExitCode::SUCCESS)
}
