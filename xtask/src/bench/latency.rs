//! `cargo xtask bench latency`: a restore of many small deltas from a store that is far away.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::built;
use super::cache::cache_dir;
use super::corpus::Corpus;
use super::measure::{self, Run, median};
use super::stores::peer::{self, BUCKET, Peer};
use super::stores::programs::{Programs, alone, remote};
use crate::commands::emulators::session;

/// What every request waits.
const LATENCY: Duration = Duration::from_millis(30);
/// `--max-fetchers` as it is when nothing is said.
const FETCHERS: u64 = 6;
const RUNS: usize = 5;

const FAR: Corpus = Corpus {
    name: "far",
    words: "a small full and 200 deltas of 50 revisions",
    full_keys: 100,
    keys: 1_000,
    revisions: 10_000,
    value: 256,
    per_delta: 50,
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Runs of each.
    #[arg(long, default_value_t = RUNS, value_parser = super::runs::some)]
    runs: usize,
}

/// Restores from afar.
pub(super) fn run(args: &Args) -> Result<()> {
    let runs = args.runs;
    let binary = built::program(&["--package", "etcdbrctl"])?;
    let programs = Programs::build()?;
    let cache = cache_dir()?;
    let store = FAR.make(&cache)?;
    let (session, _) = session(&["minio".to_owned()])?;
    let minio = session.running().first().context("nothing runs")?;
    let room = TempDir::with_prefix_in("latency-", &cache)?;
    let near = peer::s3(&minio.url, room.path())?;
    programs.make_bucket(&near)?;
    let mut copy = programs.rclone(&near);
    measure::process(copy.arg("copy").arg(&store).arg(remote("bench")))?;
    for latency in [Duration::ZERO, LATENCY] {
        let mut measured = Vec::new();
        for _ in 0..runs {
            let proxy = programs.proxy(&minio.url, u64::try_from(latency.as_millis())?)?;
            let far = peer::s3(proxy.url(), room.path())?;
            let run = restore(&binary, &far, &room.path().join("restored"))?;
            measured.push((run, requests(&proxy.last_words()?)));
        }
        report(latency, &measured);
    }
    Ok(())
}

fn restore(binary: &Path, peer: &Peer, target: &Path) -> Result<Run> {
    let mut restore = alone(binary);
    restore
        .args(["restore", "--storage-provider", peer.provider])
        .args(["--store-container", BUCKET, "--store-prefix", "bench"])
        .arg("--data-dir")
        .arg(target)
        .envs(peer.credentials.iter().map(|(name, dir)| (name, dir)));
    let run = measure::process(&mut restore)?;
    std::fs::remove_dir_all(target)?;
    Ok(run)
}

/// How many there were, of what the proxy says at its end.
fn requests(said: &str) -> u64 {
    let counts = said.lines().filter_map(|line| line.split_once(' '));
    counts
        .filter_map(|(_, count)| count.parse::<u64>().ok())
        .sum()
}

fn report(latency: Duration, measured: &[(Run, u64)]) {
    let wall = median(measured.iter().map(|(run, _)| run.wall.as_secs_f64()));
    let requests = measured.iter().map(|(_, requests)| *requests).max();
    let requests = requests.unwrap_or(0);
    let least = latency.as_secs_f64() * requests.div_ceil(FETCHERS) as f64;
    eprintln!(
        "latency {} ms: wall {wall:.3} s, {requests} requests, {FETCHERS} at once: least {least:.3} s, ratio {:.2}",
        latency.as_millis(),
        wall / least
    );
}
