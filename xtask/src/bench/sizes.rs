//! `cargo xtask bench sizes`: how large the program is, with all providers and with each alone.

use std::fs;
use std::io::Write;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{built, cache_dir};

/// What can be built in, each by itself.
const FEATURES: [&str; 7] = ["local", "s3", "gcs", "abs", "swift", "oss", "plugins"];

/// `bench sizes [FEATURE ...]`: all of them, and then these, or each.
pub(super) fn run(features: &[String]) -> Result<()> {
    let unknown = features
        .iter()
        .find(|name| !FEATURES.contains(&name.as_str()));
    ensure!(unknown.is_none(), "features are {}", FEATURES.join(", "));
    let mut out = std::io::stdout();
    writeln!(out, "| features | stripped MiB |\n|---|---|")?;
    row(&mut out, "all", &["--package=etcdbrctl"])?;
    for feature in FEATURES {
        if features.is_empty() || features.iter().any(|name| name == feature) {
            let alone = ["--package=etcdbrctl", "--no-default-features", "--features"];
            row(&mut out, feature, &[&alone[..], &[feature]].concat())?;
        }
    }
    Ok(())
}

fn row(out: &mut impl Write, words: &str, what: &[&str]) -> Result<()> {
    let program = built::program(what)?;
    let room = TempDir::with_prefix_in("sizes-", cache_dir()?)?;
    let stripped = room.path().join("stripped");
    let done = Command::new("strip")
        .arg("-o")
        .arg(&stripped)
        .arg(&program)
        .status()
        .context("run strip, of binutils")?;
    ensure!(done.success(), "strip {} failed", program.display());
    let bytes = fs::metadata(&stripped)?.len();
    Ok(writeln!(
        out,
        "| {words} | {:.1} |",
        bytes as f64 / f64::from(1 << 20)
    )?)
}
