use std::io::Write;

use anyhow::Result;

use super::pace::{PARALLEL, PART};
use super::pair::{Pair, Row};
use super::peer::Other;
use super::programs::COMMON;
use crate::bench::measure::{Run, median};

/// What a process may take beside its parts.
const BESIDE: u64 = 32;

/// Medians, as Markdown.
pub(super) fn print(rows: &[Row], mebibytes: u64) -> Result<()> {
    let mut out = std::io::stdout();
    let (part, most) = (PART >> 20, PARALLEL as u64 * (PART >> 20) + BESIDE);
    writeln!(
        out,
        "{mebibytes} MiB, parts of {part} MiB, {PARALLEL} at once; aim: ratio >= 1.0, peak <= {most} MiB\n"
    )?;
    writeln!(
        out,
        "| store | server | way | MB/s | other MB/s | ratio | CPU s | other CPU s | peak MiB | other peak MiB |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
    for row in rows {
        for (way, pairs) in [("up", &row.ups), ("down", &row.downs)] {
            let (store, server) = (row.peer.provider, &row.server);
            writeln!(
                out,
                "| {store} | {server} | {way} | {} |",
                numbers(pairs, mebibytes)
            )?;
        }
    }
    writeln!(out)?;
    for row in rows {
        let store = row.peer.provider;
        match &row.peer.other {
            Other::Rclone { flags, .. } => {
                writeln!(
                    out,
                    "- {store}: rclone {} {}",
                    COMMON.join(" "),
                    flags.join(" ")
                )?;
            }
            Other::Plain { .. } => {
                writeln!(out, "- {store}: one PUT or GET by reqwest, no parts")?;
            }
        }
    }
    Ok(())
}

fn numbers(pairs: &[Pair], mebibytes: u64) -> String {
    let bytes = (mebibytes << 20) as f64;
    let rate = |run: &Run| bytes / 1e6 / run.wall.as_secs_f64();
    let peak = |run: &Run| run.peak >> 20;
    let ours = median(pairs.iter().map(|pair| rate(&pair.ours)));
    let others = median(pairs.iter().map(|pair| rate(&pair.others)));
    // Pair by pair: both of the same minute.
    let ratio = median(
        pairs
            .iter()
            .map(|pair| rate(&pair.ours) / rate(&pair.others)),
    );
    let cpu = median(pairs.iter().map(|pair| pair.ours.cpu.as_secs_f64()));
    let others_cpu = median(pairs.iter().map(|pair| pair.others.cpu.as_secs_f64()));
    let most = pairs.iter().map(|pair| peak(&pair.ours)).max().unwrap_or(0);
    let others_most = pairs
        .iter()
        .map(|pair| peak(&pair.others))
        .max()
        .unwrap_or(0);
    format!(
        "{ours:.0} | {others:.0} | {ratio:.2} | {cpu:.2} | {others_cpu:.2} | {most} | {others_most}"
    )
}
