use std::io::Write;
use std::time::Duration;

use anyhow::Result;

use super::corpus::Corpus;
use super::limit::Limit;
use super::measure::{Run, median};

/// What was measured of one corpus.
pub(super) struct Row {
    pub(super) corpus: &'static Corpus,
    pub(super) runs: Vec<Run>,
    pub(super) limits: Vec<Limit>,
    /// Of another program, each right after one of ours.
    pub(super) peers: Vec<Run>,
    /// Calls that flush a file or a directory.
    pub(super) flushes: Option<usize>,
}

/// Medians, as Markdown.
pub(super) fn print(rows: &[Row]) -> Result<()> {
    let mut out = std::io::stdout();
    let has_peer = rows.iter().any(|row| !row.peers.is_empty());
    writeln!(
        out,
        "| corpus | wall s | CPU s | peak MiB | extra disk MiB | flushes | events/s | decompress + hash s | write + fsync s | wall / L |{}",
        if has_peer {
            " peer s | peer MiB | peer / wall |"
        } else {
            ""
        }
    )?;
    let columns = if has_peer { 13 } else { 10 };
    writeln!(out, "|{}", "---|".repeat(columns))?;
    for row in rows {
        let seconds =
            |pick: fn(&Run) -> Duration| median(row.runs.iter().map(|run| pick(run).as_secs_f64()));
        let (wall, cpu) = (seconds(|run| run.wall), seconds(|run| run.cpu));
        let peak = row.runs.iter().map(|run| run.peak).max().unwrap_or(0) / (1 << 20);
        let extra = row.runs.iter().map(|run| run.extra_disk).max().unwrap_or(0) / (1 << 20);
        let flushes = row.flushes.map_or("-".into(), |count| count.to_string());
        let read = median(row.limits.iter().map(|limit| limit.read.as_secs_f64()));
        let write = median(row.limits.iter().map(|limit| limit.write.as_secs_f64()));
        // Pair by pair: restore and limit of the same minute.
        let pairs = row.runs.iter().zip(&row.limits);
        let ratio =
            median(pairs.map(|(run, limit)| run.wall.as_secs_f64() / limit.least().as_secs_f64()));
        let events = row.corpus.revisions as f64 / wall;
        let words = row.corpus.words;
        writeln!(
            out,
            "| {words} | {wall:.2} | {cpu:.2} | {peak} | {extra} | {flushes} | {events:.0} | {read:.2} | {write:.2} | {ratio:.2} |{}",
            if has_peer { peer(row) } else { String::new() }
        )?;
    }
    Ok(())
}

/// What another program took, and how many times as long as ours of the same minute.
fn peer(row: &Row) -> String {
    let wall = median(row.peers.iter().map(|run| run.wall.as_secs_f64()));
    let peak = row.peers.iter().map(|run| run.peak).max().unwrap_or(0) / (1 << 20);
    let pairs = row.peers.iter().zip(&row.runs);
    let times = median(pairs.map(|(peer, ours)| peer.wall.as_secs_f64() / ours.wall.as_secs_f64()));
    format!(" {wall:.2} | {peak} | {times:.1} |")
}
