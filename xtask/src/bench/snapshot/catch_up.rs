//! What happened while no snapshotter ran: a delta, or a full where that would cost etcd more.

use std::time::Duration;

use anyhow::Result;

use super::follow::{FULL_RATE, PUTS};
use super::load::{Load, Until, Written};
use super::setting::Setting;
use super::stored;
use super::taker::{Place, Taker};
use crate::bench::measure::median;
use crate::bench::moment;

/// Puts that nobody has seen. The second is as much as a delta may catch up, less what is written meanwhile.
const MISSED: [u64; 3] = [1_000, 19_000, 300_000];

/// What is written meanwhile.
const PACE: Load = Load {
    corpus: &PUTS,
    writers: 64,
    rate: Some(500),
};

struct Run {
    /// From the start of the snapshotter until the store holds what was missed.
    took: Duration,
    before: Written,
    during: Written,
    way: &'static str,
    peak: u64,
}

pub(super) fn run(bench: &Setting) -> Result<()> {
    println!(
        "| revisions missed | way | s | etcd's p99 before, ms | meanwhile, ms | peak MiB |\n|{}",
        "---|".repeat(6)
    );
    for missed in MISSED {
        let mut runs = Vec::new();
        for _ in 0..bench.runs {
            runs.push(one(bench, missed)?);
        }
        let of = |pick: &dyn Fn(&Run) -> f64| median(runs.iter().map(pick));
        let mut ways: Vec<_> = runs.iter().map(|run| run.way).collect();
        ways.dedup();
        println!(
            "| {missed} | {} | {:.2} | {:.2} | {:.2} | {} |",
            ways.join(", "),
            of(&|run| run.took.as_secs_f64()),
            of(&|run| run.before.percentile(99)),
            of(&|run| run.during.percentile(99)),
            runs.iter().map(|run| run.peak).max().unwrap_or(0) >> 20,
        );
    }
    Ok(())
}

fn one(bench: &Setting, missed: u64) -> Result<Run> {
    let room = bench.room()?;
    let etcd = bench.fresh_etcd(room.path())?;
    let (url, store) = (etcd.client_url(), room.path().join("store"));
    let place = Place::directory(&store);
    let before = PACE.run(url, Until::Passed(Duration::from_secs(5)))?;
    // A chain that ends with an event: what can be continued.
    FULL_RATE.run(url, Until::Puts(100))?;
    Taker::start(&bench.binary, url, &place, &["--once"], room.path())?.ended()?;
    let begun = stored::snapshots(&store)?.len();
    FULL_RATE.run(url, Until::Puts(missed))?;
    let head = etcd.revision()?;
    let ((took, way, taker), during) = PACE.beside(url, || {
        let begin = moment::now();
        let flags = ["--delta-snapshot-period", "1s"];
        let taker = Taker::follow(&bench.binary, url, &place, &flags, room.path())?;
        moment::until("what was missed", || {
            Ok((stored::reaches(&store)? >= head).then_some(()))
        })?;
        let took = begin.elapsed();
        let all = stored::snapshots(&store)?;
        let fulls = all.iter().filter(|one| one.is_full).count();
        let way = match (fulls, all.len() - begun) {
            (1, 1) => "one delta",
            (1, _) => "deltas",
            _ => "a full",
        };
        Ok((took, way, taker))
    })?;
    let (used, log) = taker.stop()?;
    let run = Run {
        took,
        before,
        during,
        way,
        peak: used.peak,
    };
    eprintln!(
        "{missed} missed: {way} in {took:?}, p99 {:.2}, {:.2} ms; {}",
        run.before.percentile(99),
        run.during.percentile(99),
        log.lines().last().unwrap_or_default()
    );
    Ok(run)
}
