//! `cargo xtask bench restore`: how long a restore takes, beside the least it could take on the
//! same machine in the same minute.

#![allow(clippy::print_stderr, reason = "this is a command: it prints")]

mod corpus;
mod delta_writer;
mod footprint;
mod full_writer;
mod limit;
mod measure;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use corpus::{CORPORA, Corpus};
use measure::Run;

/// Runs of each corpus when nothing is said.
const RUNS: usize = 5;

/// `bench restore [--runs N] [CORPUS ...]`.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    match arguments.split_first() {
        Some((what, rest)) if what == "restore" => restore(rest).map(|()| ExitCode::SUCCESS),
        _ => anyhow::bail!("bench measures: restore"),
    }
}

fn restore(args: &[String]) -> Result<()> {
    let (runs, names) = parse(args)?;
    let binary = build()?;
    let cache = cache_dir()?;
    let mut rows = Vec::new();
    for corpus in CORPORA
        .iter()
        .filter(|corpus| names.is_empty() || names.contains(&corpus.name))
    {
        rows.push(bench(&binary, &cache, corpus, runs)?);
    }
    ensure!(!rows.is_empty(), "no such corpus; there are {}", known());
    table::print(&rows)
}

/// What was measured of one corpus.
struct Row {
    corpus: &'static Corpus,
    runs: Vec<Run>,
    limits: Vec<limit::Limit>,
    /// Calls that flush a file or a directory.
    flushes: Option<usize>,
}

fn bench(binary: &Path, cache: &Path, corpus: &'static Corpus, runs: usize) -> Result<Row> {
    let store = corpus.make(cache)?;
    let target = cache.join(format!("{}.etcd", corpus.name));
    let mut row = Row {
        corpus,
        runs: Vec::new(),
        limits: Vec::new(),
        flushes: footprint::flushes(binary, &store, &target)?,
    };
    // One uncounted run warms the page cache; then restore and limit in turn, so that a machine
    // that changes its speed changes both.
    for counted in 0..=runs {
        remove(&target)?;
        let run = measure::restore(binary, &store, &target)?;
        let limit = limit::measure(&store, &target.join("member/snap/db"), cache)?;
        if counted > 0 {
            row.runs.push(run);
            row.limits.push(limit);
        }
        eprintln!("{} run {counted}: {run:?} {limit:?}", corpus.name);
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

fn parse(args: &[String]) -> Result<(usize, Vec<&'static str>)> {
    let (mut runs, mut names) = (RUNS, Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--runs" {
            runs = args
                .next()
                .context("--runs takes a number")?
                .parse()
                .context("--runs")?;
            continue;
        }
        let corpus = CORPORA.iter().find(|corpus| corpus.name == arg);
        names.push(
            corpus
                .with_context(|| format!("no corpus {arg:?}; there are {}", known()))?
                .name,
        );
    }
    Ok((runs, names))
}

fn known() -> String {
    CORPORA.map(|corpus| corpus.name).join(", ")
}

/// The release binary.
fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--release",
            "-p",
            "etcdbrctl",
            "--message-format",
            "json",
        ])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("run cargo build")?;
    ensure!(output.status.success(), "cargo build --release failed");
    let executable = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    executable.context("cargo did not say where it put etcdbrctl")
}

fn cache_dir() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    let dir = base.join("etcdbr/bench");
    std::fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    Ok(dir)
}
