//! `cargo xtask bench latency`: a restore of many small deltas from a store that is far away, and of one large full.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::built;
use super::cache::cache_dir;
use super::corpus::Corpus;
use super::far::{LATENCY, restore};
use super::far_full;
use super::measure::{self, Run, median};
use super::stores::peer::{self, Peer};
use super::stores::programs::{Programs, remote};
use crate::commands::emulators::session;

/// `--max-fetchers` as it is when nothing is said.
const FETCHERS: u64 = 6;
const RUNS: usize = 5;

/// Where the deltas are in the bucket.
const PLACE: &str = "bench";

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
    /// What a connection brings while the large full is restored, in bytes a second.
    #[arg(long, value_name = "BYTES", default_value_t = far_full::RATE)]
    rate: u64,
    /// Leave the large full out, or the deltas.
    #[arg(long, value_enum)]
    only: Option<Only>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    Deltas,
    Full,
}

/// Restores from afar.
pub(super) fn run(args: &Args) -> Result<()> {
    let runs = args.runs;
    let binary = built::program(&["--package", "etcdbrctl"])?;
    let programs = Programs::build()?;
    let cache = cache_dir()?;
    let (session, _) = session(&["minio".to_owned()])?;
    let minio = session.running().first().context("nothing runs")?;
    let room = TempDir::with_prefix_in("latency-", &cache)?;
    let near = peer::s3(&minio.url, room.path())?;
    programs.make_bucket(&near)?;
    if args.only != Some(Only::Full) {
        deltas((&binary, &programs), (&minio.url, &near, room.path()), runs)?;
    }
    if args.only != Some(Only::Deltas) {
        let (rate, room) = (args.rate, room.path());
        far_full::run(
            (&binary, &programs),
            (&minio.url, &near, room),
            (rate, runs),
        )?;
    }
    Ok(())
}

fn deltas(
    (binary, programs): (&Path, &Programs),
    (url, near, room): (&str, &Peer, &Path),
    runs: usize,
) -> Result<()> {
    let store = FAR.make(&cache_dir()?)?;
    let mut copy = programs.rclone(near);
    measure::process(copy.arg("copy").arg(&store).arg(remote(PLACE)))?;
    let target = room.join("restored");
    for latency in [Duration::ZERO, LATENCY] {
        let mut measured = Vec::new();
        for _ in 0..runs {
            let proxy = programs.proxy(url, u64::try_from(latency.as_millis())?, None)?;
            let far = peer::s3(proxy.url(), room)?;
            let run = restore(binary, &far, PLACE, &target)?;
            std::fs::remove_dir_all(&target)?;
            measured.push((run, requests(&proxy.last_words()?)));
        }
        report(latency, &measured);
    }
    Ok(())
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
