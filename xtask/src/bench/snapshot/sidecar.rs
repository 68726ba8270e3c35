//! `etcdbrctl server`: how soon it answers, and what it takes.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::follow::FULL_RATE;
use super::load::Until;
use super::process;
use super::setting::Setting;
use crate::bench::measure::median;
use crate::bench::moment;
use crate::bench::sidecar::Sidecar;

/// How long it has nothing to do before it is looked at.
const IDLE: Duration = Duration::from_secs(10);
const SCRAPES: usize = 50;
const STORE: &str = "store";

/// What one run found.
struct Found {
    first_answer: Duration,
    /// Resident, in bytes: without an etcd, with one that it leads beside, and under the full write rate at its most.
    idle: u64,
    leading: u64,
    loaded: u64,
    puts: u64,
    scrape: Duration,
}

pub(super) fn run(bench: &Setting, how_long: Duration) -> Result<()> {
    let found: Vec<Found> = (0..bench.runs)
        .map(|_| one(bench, how_long))
        .collect::<Result<_>>()?;
    let time = |of: fn(&Found) -> Duration| median(found.iter().map(|run| of(run).as_secs_f64()));
    let bytes =
        |of: fn(&Found) -> u64| median(found.iter().map(|run| of(run) as f64 / 1_048_576.0));
    println!("| the sidecar | median | limit |");
    println!("|---|---|---|");
    println!(
        "| from exec to the first answer | {:.0} ms | 50 ms |",
        time(|run| run.first_answer) * 1e3
    );
    println!(
        "| idle, no etcd | {:.0} MiB | 24 MiB |",
        bytes(|run| run.idle)
    );
    println!(
        "| leading, nothing is written | {:.0} MiB | - |",
        bytes(|run| run.leading)
    );
    println!(
        "| leading under load, at its most | {:.0} MiB | 96 MiB |",
        bytes(|run| run.loaded)
    );
    println!(
        "| a scrape | {:.1} ms | 5 ms |",
        time(|run| run.scrape) * 1e3
    );
    Ok(())
}

fn one(bench: &Setting, how_long: Duration) -> Result<Found> {
    let room = bench.room()?;
    std::fs::create_dir_all(room.path().join(STORE))?;
    let begin = moment::now();
    let sidecar = Sidecar::start(command(bench, "http://127.0.0.1:1", room.path()))?;
    moment::until("the first answer", || Ok(sidecar.get("/healthz")))?;
    let first_answer = begin.elapsed();
    moment::pause(IDLE);
    let idle = resident(&sidecar)?;
    drop(sidecar);

    let etcd = bench.fresh_etcd(room.path())?;
    let sidecar = Sidecar::start(command(bench, etcd.client_url(), room.path()))?;
    let leads = || {
        Ok(sidecar
            .get("/healthz")
            .filter(|answer| answer.contains("true")))
    };
    moment::until("it leads", leads)?;
    moment::pause(IDLE);
    let leading = resident(&sidecar)?;
    let written = FULL_RATE.run(etcd.client_url(), Until::Passed(how_long))?;
    let loaded = process::peak(sidecar.process()).context("it has ended")?;
    let mut scrapes = Vec::new();
    for _ in 0..SCRAPES {
        let begin = moment::now();
        sidecar.get("/metrics").context("no metrics")?;
        scrapes.push(begin.elapsed().as_secs_f64());
    }
    let found = Found {
        first_answer,
        idle,
        leading,
        loaded,
        puts: written.puts,
        scrape: Duration::from_secs_f64(median(scrapes.into_iter())),
    };
    eprintln!(
        "first answer {:?}, idle {idle}, leading {leading}, under {} puts {loaded}, a scrape {:?}",
        found.first_answer, found.puts, found.scrape
    );
    Ok(found)
}

fn command(bench: &Setting, etcd: &str, room: &Path) -> Command {
    let mut command = Command::new(&bench.binary);
    command
        .env_clear()
        .args(["server", "--endpoints", etcd, "--reelection-period", "1s"])
        .args(["--storage-provider", "Local", "--store-container"])
        .arg(room.join(STORE))
        .arg("--data-dir")
        .arg(room.join("etcd"));
    command
}

fn resident(sidecar: &Sidecar) -> Result<u64> {
    process::resident(sidecar.process()).context("it has ended")
}
