//! A restore of one large full from a store that gives each connection so many bytes a second, as clouds do.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::cache::cache_dir;
use super::corpus::CORPORA;
use super::far::{LATENCY, restore};
use super::limit::{self, Limit};
use super::measure::{self, Run, median};
use super::stores::peer::{self, Peer};
use super::stores::programs::{Programs, remote};

/// What a connection brings, in bytes a second, where nothing is said.
pub(super) const RATE: u64 = 80_000_000;

/// How many connections a restore takes for one object (`snapstore::layers::Widening`).
const CONNECTIONS: u64 = 4;

/// The corpus: no deltas.
const CORPUS: &str = "full2g";

/// Where it is in the bucket.
const PLACE: &str = "far-full";

struct Measured {
    run: Run,
    limit: Limit,
}

/// Restores it `runs` times through a proxy that lets `rate` bytes pass a second on each connection.
pub(super) fn run(
    (binary, programs): (&Path, &Programs),
    (url, near, room): (&str, &Peer, &Path),
    (rate, runs): (u64, usize),
) -> Result<()> {
    let corpus = CORPORA.iter().find(|corpus| corpus.name == CORPUS);
    let store = corpus
        .context("there is no such corpus")?
        .make(&cache_dir()?)?;
    let mut copy = programs.rclone(near);
    measure::process(copy.arg("copy").arg(&store).arg(remote(PLACE)))?;
    let stored = stored(&store)?;
    let target = room.join("restored");
    let mut measured = Vec::new();
    for number in 1..=runs {
        let latency = u64::try_from(LATENCY.as_millis())?;
        let proxy = programs.proxy(url, latency, Some(rate))?;
        let far = peer::s3(proxy.url(), room)?;
        let run = restore(binary, &far, PLACE, &target)?;
        let limit = limit::measure(&store, &target.join("member/snap/db"), room)?;
        std::fs::remove_dir_all(&target)?;
        eprintln!("far full, run {number}: {run:?} {limit:?}");
        measured.push(Measured { run, limit });
    }
    report(stored, rate, &measured);
    Ok(())
}

/// Bytes of the objects.
fn stored(store: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(store.join("v2"))? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

fn report(stored: u64, rate: u64, measured: &[Measured]) {
    let wall = median(measured.iter().map(|one| one.run.wall.as_secs_f64()));
    let seconds = |of: fn(&Limit) -> Duration| {
        median(measured.iter().map(|one| of(&one.limit).as_secs_f64()))
    };
    let network = stored as f64 / (CONNECTIONS * rate) as f64;
    let machine = seconds(Limit::least);
    let least = network.max(machine);
    eprintln!(
        "{} MB at {} MB/s a connection: wall {wall:.2} s, {:.0} MB/s; {CONNECTIONS} connections {network:.2} s, this machine \
         {machine:.2} s; wall / least {:.2}",
        stored / 1_000_000,
        rate / 1_000_000,
        stored as f64 / 1e6 / wall,
        wall / least
    );
}
