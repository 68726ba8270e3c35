//! Fulls, beside reading the same stream and doing nothing with it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::etcd::{Etcd, Member};
use tokio::runtime::Builder;

use super::grpc::Connection;
use super::setting::Setting;
use super::taker::{Place, Taker, Took};
use crate::bench::corpus::Corpus;
use crate::bench::measure::{self, median};
use crate::bench::moment::now;
use crate::bench::{footprint, stores::programs::alone};

pub(super) const SMALL: Corpus = Corpus {
    name: "full512m",
    words: "0.5 GiB",
    full_keys: 462_000,
    keys: 0,
    revisions: 0,
    value: 1024,
    per_delta: 0,
};
pub(super) const MIDDLE: Corpus = Corpus {
    name: "full2g",
    words: "2 GiB",
    full_keys: 1_850_000,
    ..SMALL
};
/// What takes minutes, 8 GiB of disk and as much memory.
pub(super) const LARGE: Corpus = Corpus {
    name: "full8g",
    words: "8 GiB",
    full_keys: 7_400_000,
    ..SMALL
};

pub(super) const PLAIN: &[&str] = &["--compress-snapshots=false"];
pub(super) const GZIP: &[&str] = &["--compression-level", "1"];

/// Bytes a second that one core compresses: what gzip at level 1 may cost beside L.
const GZIP_PACE: f64 = 250e6;

struct Run {
    took: Took,
    /// Of the drain right before.
    least: Duration,
    extra_disk: u64,
    bytes: u64,
}

pub(super) fn run(bench: &Setting, corpora: &[&Corpus]) -> Result<()> {
    println!(
        "| full | compression | wall s | L (drain) s | wall / L | limit | CPU s | peak MiB | limit | extra disk MiB |"
    );
    println!("|{}", "---|".repeat(10));
    for corpus in corpora {
        of(bench, corpus)?;
    }
    Ok(())
}

fn of(bench: &Setting, corpus: &Corpus) -> Result<()> {
    let room = bench.room()?;
    let memory = bench.memory()?;
    let etcd = grown(bench, corpus, room.path())?;
    let url = etcd.client_url();
    // What is read for the first time comes from the disk, and does not count.
    drain(url)?;
    for (words, flags) in [("none", PLAIN), ("gzip 1", GZIP)] {
        let mut runs = Vec::new();
        for _ in 0..bench.runs {
            let (bytes, least) = drain(url)?;
            let store = memory.path().join("store");
            let run = once(bench, url, (&store, flags), room.path())?;
            eprintln!("{} {words}: {:?}, L {least:?}", corpus.words, run.0);
            runs.push(Run {
                took: run.0,
                least,
                extra_disk: run.1,
                bytes,
            });
            fs::remove_dir_all(store)?;
        }
        print(corpus, words, &runs);
    }
    Ok(())
}

/// An etcd that holds a corpus.
pub(super) fn grown(bench: &Setting, corpus: &Corpus, room: &Path) -> Result<Etcd> {
    let made = corpus.make(&bench.cache)?;
    let (member, data_dir) = (Member::alone()?, room.join("etcd"));
    let mut restore = alone(&bench.binary);
    restore.args(["restore", "--store-container"]).arg(&made);
    restore.arg("--data-dir").arg(&data_dir);
    measure::process(restore.args(member.flags()))?;
    bench.etcd(&member, &data_dir)
}

/// Reads the whole snapshot: bytes, and how long that takes.
pub(super) fn drain(url: &str) -> Result<(u64, Duration)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let connection = Connection::to(url).await?;
        let begin = now();
        let bytes = connection.call("Maintenance/Snapshot", &[]).await?;
        Ok((bytes, begin.elapsed()))
    })
}

/// Takes one, and says what the disk held beyond it.
pub(super) fn once(
    bench: &Setting,
    url: &str,
    (store, flags): (&Path, &[&str]),
    room: &Path,
) -> Result<(Took, u64)> {
    let place = Place::directory(store);
    let dirs = [store.to_owned(), room.join("tmp")];
    let flags = [&["--once"], flags].concat();
    let (took, most) = footprint::peak(&dirs, || {
        Taker::start(&bench.binary, url, &place, &flags, room)?.ended()
    });
    let extra = most.saturating_sub(footprint::allocated(&[store.to_owned()]));
    let stored = super::stored::snapshots(store)?;
    ensure!(stored.iter().any(|one| one.is_full), "there is no full");
    Ok((took?.0, extra))
}

fn print(corpus: &Corpus, words: &str, runs: &[Run]) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let wall = median(runs.iter().map(|run| run.took.wall.as_secs_f64()));
    let cpu = median(runs.iter().map(|run| run.took.cpu.all().as_secs_f64()));
    let least = median(runs.iter().map(|run| run.least.as_secs_f64()));
    let pairs = runs.iter();
    let ratio = median(pairs.map(|run| run.took.wall.as_secs_f64() / run.least.as_secs_f64()));
    let limit = match words {
        "none" => 1.2,
        _ => median(runs.iter().map(|run| {
            let compressing = run.bytes as f64 / (GZIP_PACE * cores as f64);
            f64::max(1.2, compressing / run.least.as_secs_f64())
        })),
    };
    let peak = runs.iter().map(|run| run.took.peak).max().unwrap_or(0) >> 20;
    let extra = runs.iter().map(|run| run.extra_disk).max().unwrap_or(0) >> 20;
    println!(
        "| {} | {words} | {wall:.2} | {least:.2} | {ratio:.2} | {limit:.2} | {cpu:.2} | {peak} | 96 | {extra} |",
        corpus.words
    );
}
