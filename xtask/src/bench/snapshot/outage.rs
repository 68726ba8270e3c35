//! A store that is down while etcd is written to.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::etcd::Etcd;
use testkit::oss::Emulator;
use testkit::proxy::{Fault, Match, Proxy};

use super::follow::PUTS;
use super::load::{Load, Until, Written};
use super::process;
use super::setting::Setting;
use super::taker::{Place, Taker, Took};
use crate::bench::measure::median;
use crate::bench::moment;
use crate::bench::stores::peer::{self, BUCKET};

const PACE: Load = Load {
    corpus: &PUTS,
    writers: 64,
    rate: Some(2_000),
};

/// How long is written before, for comparison.
const BEFORE: Duration = Duration::from_secs(10);

struct Run {
    before: Written,
    during: Written,
    after: Written,
    took: Took,
    /// What etcd had in memory at its most: before, and at the end.
    etcd: (u64, u64),
    /// From the store's return to the full.
    full_after: Option<Duration>,
    loss: String,
}

pub(super) fn run(bench: &Setting, outage: Duration) -> Result<()> {
    let mut runs = Vec::new();
    for _ in 0..bench.runs {
        runs.push(one(bench, outage)?);
    }
    println!(
        "| the store is down for {} s at {} puts/s | median | limit |",
        outage.as_secs(),
        PACE.rate.unwrap_or_default()
    );
    println!("|---|---|---|");
    let of = |pick: &dyn Fn(&Run) -> f64| median(runs.iter().map(pick));
    let most = |pick: &dyn Fn(&Run) -> u64| runs.iter().map(pick).max().unwrap_or(0) >> 20;
    println!("| peak MiB | {} | 64 |", most(&|run| run.took.peak));
    println!(
        "| etcd's p99 before, ms | {:.2} | - |",
        of(&|run| run.before.percentile(99))
    );
    println!(
        "| etcd's p99 meanwhile, ms | {:.2} | - |",
        of(&|run| run.during.percentile(99))
    );
    println!(
        "| beside that before | {:.2} | 1.20 |",
        of(&|run| run.during.percentile(99) / run.before.percentile(99))
    );
    println!(
        "| etcd's p99 while it catches up, ms | {:.2} | - |",
        of(&|run| run.after.percentile(99))
    );
    println!(
        "| etcd's peak MiB, before and after | {}, {} | - |",
        most(&|run| run.etcd.0),
        most(&|run| run.etcd.1)
    );
    println!(
        "| s until the store holds all again | {:.1} | - |",
        of(&|run| run.full_after.map_or(f64::NAN, |time| time.as_secs_f64()))
    );
    for run in &runs {
        println!("| said of it | {} | said |", run.loss);
    }
    Ok(())
}

fn one(bench: &Setting, outage: Duration) -> Result<Run> {
    let room = bench.room()?;
    let etcd = bench.fresh_etcd(room.path())?;
    let url = etcd.client_url();
    let store = Emulator::start(vec![testkit::oss::Account::new(
        testkit::emulators::accounts::MINIO_USER,
        testkit::emulators::accounts::MINIO_PASSWORD,
    )])?;
    store.create_bucket(BUCKET);
    let proxy = Proxy::start(store.url())?;
    let peer = peer::oss(proxy.url(), room.path())?;
    let flags = [
        "--storage-provider",
        peer.provider,
        "--store-container",
        BUCKET,
    ];
    let place = Place {
        flags: flags.map(Into::into).into(),
        credentials: peer.credentials,
    };
    let taker = Taker::follow(&bench.binary, url, &place, &[], room.path())?;
    logged(&taker, "took full", 1)?;
    let before = PACE.run(url, Until::Passed(BEFORE))?;
    let etcd_before = memory(&etcd)?;
    proxy.inject(Fault::status(503), Match::any(), u32::MAX);
    let during = PACE.run(url, Until::Passed(outage))?;
    proxy.clear();
    let head = etcd.revision()?;
    let begin = moment::now();
    let (full_after, after) = PACE.beside(url, || {
        reaches(&taker, head)?;
        Ok(begin.elapsed())
    })?;
    let etcd_after = memory(&etcd)?;
    let (took, log) = taker.stop()?;
    let hole = log.lines().find(|line| line.contains("no delta holds"));
    let loss = hole.unwrap_or("no hole").trim().replace('|', "/");
    let run = Run {
        before,
        during,
        after,
        took,
        etcd: (etcd_before, etcd_after),
        full_after: Some(full_after),
        loss,
    };
    eprintln!(
        "down: p99 {:.2}, {:.2}, {:.2} ms; {took:?}; {}",
        run.before.percentile(99),
        run.during.percentile(99),
        run.after.percentile(99),
        run.loss
    );
    Ok(run)
}

fn memory(etcd: &Etcd) -> Result<u64> {
    process::peak(etcd.pid()).context("etcd has ended")
}

/// Waits until it was logged so often.
fn logged(taker: &Taker, words: &str, times: usize) -> Result<()> {
    moment::until(words, || {
        Ok((taker.log()?.matches(words).count() >= times).then_some(()))
    })
}

/// Waits until a snapshot that holds `revision` was logged.
fn reaches(taker: &Taker, revision: i64) -> Result<()> {
    moment::until("a snapshot of what etcd holds", || {
        let log = taker.log()?;
        let taken = log.lines().filter(|line| line.contains("took "));
        let said = taken.filter_map(|line| line.split("revision=").nth(1));
        let mut said = said.filter_map(|rest| rest.split_whitespace().next()?.parse::<i64>().ok());
        Ok(said.any(|taken| taken >= revision).then_some(()))
    })
}
