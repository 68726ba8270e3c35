//! `cargo xtask bench compact`: how long a compaction takes, beside the least that a restore of the same chain could take
//! on the same machine in the same minute.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::cache::cache_dir;
use super::corpus::{CORPORA, Corpus};
use super::limit::{self, Limit};
use super::measure::{self, Run, median};
use super::{built, restore};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Runs of each corpus.
    #[arg(long, default_value_t = 5, value_parser = super::runs::some)]
    runs: usize,
    /// Only these; that of 150,000 revisions if none is named.
    #[arg(value_name = "CORPUS", value_parser = restore::corpus)]
    corpora: Vec<&'static str>,
}

/// Compacts each corpus, and prints medians as Markdown.
pub(super) fn run(args: &Args) -> Result<()> {
    let names = match args.corpora.is_empty() {
        true => &["150k"][..],
        false => &args.corpora,
    };
    let binary = built::program(&["--package", "etcdbrctl"])?;
    let cache = cache_dir()?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| corpus | wall s | CPU s | peak MiB | full MiB | decompress + hash s | write + fsync s | wall / L |"
    )?;
    writeln!(out, "|{}", "---|".repeat(8))?;
    for corpus in CORPORA.iter().filter(|corpus| names.contains(&corpus.name)) {
        let runs = bench(&binary, &cache, corpus, args.runs)?;
        let of = |pick: fn(&(Run, Limit, u64)) -> f64| median(runs.iter().map(pick));
        let peak = runs.iter().map(|(run, ..)| run.peak).max().unwrap_or(0) / (1 << 20);
        writeln!(
            out,
            "| {} | {:.2} | {:.2} | {peak} | {:.1} | {:.2} | {:.2} | {:.2} |",
            corpus.words,
            of(|(run, ..)| run.wall.as_secs_f64()),
            of(|(run, ..)| run.cpu.as_secs_f64()),
            of(|(.., size)| *size as f64 / f64::from(1 << 20)),
            of(|(_, limit, _)| limit.read.as_secs_f64()),
            of(|(_, limit, _)| limit.write.as_secs_f64()),
            of(|(run, limit, _)| run.wall.as_secs_f64() / limit.least().as_secs_f64()),
        )?;
    }
    Ok(())
}

/// Runs, each with the limit of its minute and the bytes of the full that it made.
fn bench(
    binary: &Path,
    cache: &Path,
    corpus: &'static Corpus,
    runs: usize,
) -> Result<Vec<(Run, Limit, u64)>> {
    let store = corpus.make(cache)?;
    let restored = cache.join(format!("{}.etcd", corpus.name));
    remove(&restored)?;
    measure::restore(binary, &store, &restored)?;
    let mut measured = Vec::new();
    // The first warms the page cache, and does not count.
    for counted in 0..=runs {
        let copy = linked(&store, &cache.join(format!("{}.compacting", corpus.name)))?;
        let run = compact(binary, &copy, cache)?;
        let size = added(&store, &copy)?;
        let limit = limit::measure(&store, &restored.join("member/snap/db"), cache)?;
        if counted > 0 {
            measured.push((run, limit, size));
        }
        eprintln!("{} run {counted}: {run:?} {limit:?}", corpus.name);
        remove(&copy)?;
    }
    remove(&restored)?;
    Ok(measured)
}

fn compact(binary: &Path, store: &Path, temp_dir: &Path) -> Result<Run> {
    let mut compact = Command::new(binary);
    compact
        .args(["compact", "--quiet", "--store-container"])
        .arg(store)
        .arg("--snapstore-temp-directory")
        .arg(temp_dir);
    measure::process(&mut compact)
}

/// The same objects at another place, which a compaction may add to.
fn linked(store: &Path, copy: &Path) -> Result<PathBuf> {
    remove(copy)?;
    fs::create_dir_all(copy.join("v2"))?;
    for object in fs::read_dir(store.join("v2"))? {
        let object = object?;
        fs::hard_link(object.path(), copy.join("v2").join(object.file_name()))?;
    }
    Ok(copy.to_owned())
}

/// Bytes of the one object that was added.
fn added(store: &Path, copy: &Path) -> Result<u64> {
    let mut sizes = Vec::new();
    for object in fs::read_dir(copy.join("v2"))? {
        let object = object?;
        if !store.join("v2").join(object.file_name()).exists() {
            sizes.push(object.metadata()?.len());
        }
    }
    ensure!(sizes.len() == 1, "{} objects were added", sizes.len());
    Ok(sizes.iter().sum())
}

fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("remove {}", dir.display()))?;
    }
    Ok(())
}
