//! `cargo xtask bench`: how fast and how large, beside what others or the machine can do in the same
//! minute.

#![allow(clippy::print_stderr, reason = "this is a command: it prints")]

mod built;
mod corpus;
mod delta_writer;
mod footprint;
mod full_writer;
mod initialize;
mod latency;
mod limit;
mod measure;
mod put_log;
mod restore;
mod sizes;
mod stores;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

/// `bench restore|stores|latency|initialize|sizes [ARGUMENTS]`.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let (what, rest) = arguments.split_first().context(WHAT)?;
    match what.as_str() {
        "restore" => restore::run(rest),
        "stores" => stores::run(rest),
        "latency" => latency::run(rest),
        "initialize" => initialize::run(rest),
        "sizes" => sizes::run(rest),
        _ => bail!(WHAT),
    }?;
    Ok(ExitCode::SUCCESS)
}

const WHAT: &str = "bench measures: restore, stores, latency, initialize, sizes";

fn cache_dir() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    let dir = base.join("etcdbr/bench");
    std::fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    Ok(dir)
}
