//! `cargo xtask bench sizes`: how large the program is, with all providers and with each alone.

use std::fs;
use std::io::Write;

use anyhow::Result;

use super::built;

/// What can be built in, each by itself.
const FEATURES: [&str; 7] = ["local", "s3", "gcs", "abs", "swift", "oss", "plugins"];

#[derive(clap::Args)]
pub(super) struct Args {
    /// After all of them together, only these alone; each alone if none is named.
    #[arg(value_name = "FEATURE", value_parser = FEATURES)]
    features: Vec<String>,
}

/// Builds for release, and weighs.
pub(super) fn run(args: &Args) -> Result<()> {
    let features = &args.features;
    let mut out = std::io::stdout();
    writeln!(out, "| features | MiB |\n|---|---|")?;
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
    let bytes = fs::metadata(&program)?.len();
    Ok(writeln!(
        out,
        "| {words} | {:.1} |",
        bytes as f64 / f64::from(1 << 20)
    )?)
}
