//! One transaction that deletes everything: one revision, which no delta may split.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::runtime::Builder;

use super::grpc::{Connection, message};
use super::load::{Load, Until};
use super::setting::Setting;
use super::taker::{Place, Taker, Took};
use super::{follow, stored};
use crate::bench::corpus::Corpus;
use crate::bench::measure::median;
use crate::bench::moment;

/// How many keys there are.
const KEYS: u64 = 100_000;

const LOAD: Load = Load {
    corpus: &Corpus {
        name: "keys",
        words: "100,000 keys",
        full_keys: 0,
        keys: KEYS,
        revisions: 0,
        value: 64,
        per_delta: 0,
    },
    writers: 64,
    rate: None,
};

struct Run {
    /// As etcd answers.
    deleted: Duration,
    /// From the deletion to its delta.
    stored: Duration,
    /// From one to the other, on disk: deltas.
    deltas: usize,
    took: Took,
}

pub(super) fn run(bench: &Setting) -> Result<()> {
    let mut runs = Vec::new();
    for _ in 0..bench.runs {
        runs.push(one(bench)?);
    }
    let of = |pick: &dyn Fn(&Run) -> f64| median(runs.iter().map(pick));
    println!(
        "| keys deleted at once | etcd's answer s | stored after s | deltas | CPU s | peak MiB |\n|{}",
        "---|".repeat(6)
    );
    println!(
        "| {KEYS} | {:.2} | {:.2} | {} | {:.2} | {} |",
        of(&|run| run.deleted.as_secs_f64()),
        of(&|run| run.stored.as_secs_f64()),
        runs.iter().map(|run| run.deltas).max().unwrap_or(0),
        of(&|run| run.took.cpu.all().as_secs_f64()),
        runs.iter().map(|run| run.took.peak).max().unwrap_or(0) >> 20,
    );
    Ok(())
}

fn one(bench: &Setting) -> Result<Run> {
    let room = bench.room()?;
    let etcd = bench.fresh_etcd(room.path())?;
    let (url, store) = (etcd.client_url(), room.path().join("store"));
    let place = Place::directory(&store);
    LOAD.run(url, Until::Puts(KEYS))?;
    let flags = ["--delta-snapshot-period", "1s"];
    let taker = Taker::follow(&bench.binary, url, &place, &flags, room.path())?;
    follow::first_full(&store)?;
    let before = stored::snapshots(&store)?.len();
    let begin = moment::now();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // From the first key to the last.
        let all = message(&[b"\0", b"\0"]);
        Connection::to(url)
            .await?
            .call("KV/DeleteRange", &all)
            .await
    })?;
    let deleted = begin.elapsed();
    let head = etcd.revision()?;
    moment::until("the delta of the deletion", || {
        Ok((stored::reaches(&store)? >= head).then_some(()))
    })?;
    let stored_after = begin.elapsed();
    let all = stored::snapshots(&store)?;
    let fulls = all.iter().filter(|one| one.is_full).count();
    ensure!(fulls == 1, "a full was taken instead");
    let (took, log) = taker.stop()?;
    eprintln!(
        "deleted in {deleted:?}, stored after {stored_after:?}, {took:?}; {}",
        log.lines().last().unwrap_or_default()
    );
    Ok(Run {
        deleted,
        stored: stored_after,
        deltas: all.len() - before,
        took,
    })
}
