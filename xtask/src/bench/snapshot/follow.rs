//! Deltas of an etcd that is written to as fast as it can be.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::load::{Load, Until, Written};
use super::process::Cpu;
use super::setting::Setting;
use super::stored;
use super::taker::{Place, Taker, Took};
use crate::bench::corpus::Corpus;
use crate::bench::measure::median;
use crate::bench::moment;

/// What is written: values of 1 KiB, of which half can be compressed away.
pub(super) const PUTS: Corpus = Corpus {
    name: "puts",
    words: "puts of 1 KiB over 20,000 keys",
    full_keys: 0,
    keys: 20_000,
    revisions: 0,
    value: 1024,
    per_delta: 0,
};

/// As many as etcd can make use of.
pub(super) const FULL_RATE: Load = Load {
    corpus: &PUTS,
    writers: 64,
    rate: None,
};

/// Somebody who backs etcd up, or nobody.
struct Leg {
    words: &'static str,
    flags: Option<&'static [&'static str]>,
    /// Microseconds of an event.
    limit: &'static str,
}

const LEGS: [Leg; 3] = [
    Leg {
        words: "no snapshotter",
        flags: None,
        limit: "-",
    },
    Leg {
        words: "no compression",
        flags: Some(&["--compress-snapshots=false"]),
        limit: "10",
    },
    Leg {
        words: "gzip 1",
        flags: Some(&["--compression-level", "1"]),
        limit: "18",
    },
];

/// From the last put until the snapshotter is stopped: it stores what it has heard, and events take a moment.
const ON_THEIR_WAY: Duration = Duration::from_millis(100);

struct Run {
    written: Written,
    took: Option<Took>,
    /// Revisions that etcd has and the store has not, after the snapshotter was stopped.
    missing: i64,
    /// Of the CPU, by the snapshotter while etcd was written to and until its end.
    cpu: Cpu,
}

pub(super) fn run(bench: &Setting, how_long: Duration) -> Result<()> {
    let mut rounds: Vec<Vec<Run>> = Vec::new();
    for number in 0..bench.runs {
        let mut round = Vec::new();
        // Whoever is first finds another machine than whoever is last.
        for place in 0..LEGS.len() {
            let at = (number + place) % LEGS.len();
            round.push((at, one(bench, &LEGS[at], how_long)?));
        }
        round.sort_by_key(|(at, _)| *at);
        rounds.push(round.into_iter().map(|(_, run)| run).collect());
    }
    println!(
        "| at the full rate | puts/s | p50 ms | p99 ms | p99 beside none | limit | us an event | limit | of it the kernel | peak MiB | \
         limit | revisions not stored |"
    );
    println!("|{}", "---|".repeat(12));
    for (at, leg) in LEGS.iter().enumerate() {
        print(leg, at, &rounds);
    }
    Ok(())
}

fn one(bench: &Setting, leg: &Leg, how_long: Duration) -> Result<Run> {
    let room = bench.room()?;
    let etcd = bench.fresh_etcd(room.path())?;
    let (url, store) = (etcd.client_url(), room.path().join("store"));
    let place = Place::directory(&store);
    let taker = leg.flags.map(|flags| {
        let taker = Taker::follow(&bench.binary, url, &place, flags, room.path())?;
        first_full(&store)?;
        Ok::<_, anyhow::Error>(taker)
    });
    let taker = taker.transpose()?;
    let before = taker.as_ref().map(Taker::cpu).transpose()?;
    let written = FULL_RATE.run(url, Until::Passed(how_long))?;
    moment::pause(ON_THEIR_WAY);
    let head = etcd.revision()?;
    ensure!(head as u64 > written.puts, "etcd is at revision {head}");
    let stopped = taker.map(Taker::stop).transpose()?;
    let took = stopped.as_ref().map(|(took, _)| *took);
    let run = Run {
        missing: match took {
            Some(_) => head - stored::reaches(&store)?,
            None => 0,
        },
        cpu: took.map_or(Cpu::default(), |took| {
            took.cpu.since(before.unwrap_or_default())
        }),
        took,
        written,
    };
    eprintln!(
        "{}: {} puts, p99 {:.2} ms, CPU {:?}, not stored {}, {took:?}",
        leg.words,
        run.written.puts,
        run.written.percentile(99),
        run.cpu,
        run.missing
    );
    if let Some((_, log)) = stopped.filter(|(_, log)| log.contains("no delta holds")) {
        eprintln!("{log}");
    }
    Ok(run)
}

/// Waits until a snapshotter has begun, and follows.
pub(super) fn first_full(store: &std::path::Path) -> Result<()> {
    moment::until("the first full", || {
        let stored = stored::snapshots(store)?;
        Ok(stored.iter().any(|one| one.is_full).then_some(()))
    })?;
    moment::pause(Duration::from_secs(1));
    Ok(())
}

fn print(leg: &Leg, at: usize, rounds: &[Vec<Run>]) {
    let of = |pick: &dyn Fn(&Run) -> f64| median(rounds.iter().map(|round| pick(&round[at])));
    let ninety_nine = |run: &Run| run.written.percentile(99);
    // Round by round: with and without in the same minute.
    let pairs = rounds.iter();
    let ratio = median(pairs.map(|round| ninety_nine(&round[at]) / ninety_nine(&round[0])));
    let cpu = of(&|run| an_event(run, run.cpu.all()));
    let system = of(&|run| an_event(run, run.cpu.system));
    let took = rounds.iter().filter_map(|round| round[at].took);
    let peak = took.map(|took| took.peak).max().unwrap_or(0) >> 20;
    let missing = rounds.iter().map(|round| round[at].missing).max();
    println!(
        "| {} | {:.0} | {:.2} | {:.2} | {ratio:.2} | 1.20 | {cpu:.1} | {} | {system:.1} | {peak} | 64 | {} |",
        leg.words,
        of(&|run| run.written.rate()),
        of(&|run| run.written.percentile(50)),
        of(&ninety_nine),
        leg.limit,
        missing.unwrap_or(0),
    );
}

/// In microseconds.
fn an_event(run: &Run, time: Duration) -> f64 {
    time.as_secs_f64() * 1e6 / run.written.puts as f64
}
