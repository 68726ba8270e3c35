//! `cargo xtask bench restore`: how long a restore takes, beside the least it could take on the
//! same machine in the same minute.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::cache::cache_dir;
use super::corpus::{CORPORA, Corpus};
use super::table::Row;
use super::{built, footprint, limit, measure, table};

/// Runs of each corpus when nothing is said.
const RUNS: usize = 5;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Runs of each corpus.
    #[arg(long, default_value_t = RUNS, value_parser = super::runs::some)]
    runs: usize,
    /// Another program with the flags of etcd-backup-restore, run on the same corpora in turn with ours.
    #[arg(long, value_name = "PATH")]
    peer: Option<PathBuf>,
    /// Runs of the peer on each corpus, each right after one of ours.
    #[arg(long, default_value_t = 1, value_parser = super::runs::some, requires = "peer")]
    peer_runs: usize,
    /// Only these; all if none is named.
    #[arg(value_name = "CORPUS", value_parser = corpus)]
    corpora: Vec<&'static str>,
}

/// The name of a corpus.
pub(super) fn corpus(text: &str) -> Result<&'static str> {
    let known = CORPORA.iter().find(|corpus| corpus.name == text);
    let all = || CORPORA.map(|corpus| corpus.name).join(", ");
    Ok(known.with_context(|| format!("there are {}", all()))?.name)
}

/// Restores each corpus.
pub(super) fn run(args: &Args) -> Result<()> {
    let names = &args.corpora;
    let binary = built::program(&["--package", "etcdbrctl"])?;
    let cache = cache_dir()?;
    let mut rows = Vec::new();
    for corpus in CORPORA
        .iter()
        .filter(|corpus| names.is_empty() || names.contains(&corpus.name))
    {
        rows.push(bench(&binary, &cache, corpus, args)?);
    }
    table::print(&rows)
}

fn bench(binary: &Path, cache: &Path, corpus: &'static Corpus, args: &Args) -> Result<Row> {
    let store = corpus.make(cache)?;
    let target = cache.join(format!("{}.etcd", corpus.name));
    let mut row = Row {
        corpus,
        runs: Vec::new(),
        limits: Vec::new(),
        peers: Vec::new(),
        flushes: footprint::flushes(binary, &store, &target)?,
    };
    // One uncounted run warms the page cache; then restore and limit in turn, so that a machine
    // that changes its speed changes both.
    for counted in 0..=args.runs {
        remove(&target)?;
        let run = measure::restore(binary, &store, &target)?;
        let limit = limit::measure(&store, &target.join("member/snap/db"), cache)?;
        if counted > 0 {
            row.runs.push(run);
            row.limits.push(limit);
        }
        eprintln!("{} run {counted}: {run:?} {limit:?}", corpus.name);
        if let Some(peer) = &args.peer
            && (1..=args.peer_runs).contains(&counted)
        {
            remove(&target)?;
            let run = measure::peer(peer, &store, &target, &cache.join("peer.tmp"))?;
            eprintln!("{} peer {counted}: {run:?}", corpus.name);
            row.peers.push(run);
        }
    }
    remove(&target)?;
    Ok(row)
}

fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        std::fs::remove_dir_all(dir).with_context(|| format!("remove {}", dir.display()))?;
    }
    Ok(())
}
