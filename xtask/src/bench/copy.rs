//! `cargo xtask bench copy`: a full from one MinIO to another, by us and by rclone in turn, and within one MinIO by the server.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;
use testkit::oracles;

use super::built;
use super::measure::{self, Run, median};
use super::stores::arrival::incompressible;
use super::stores::pair::Pair;
use super::stores::peer::{self, BUCKET, Other, Peer};
use super::stores::programs::{alone, make_bucket, rclone, remote};
use super::stores::{in_memory, serve};

/// The full, uncompressed; its SHA-256 stands in its metadata, as beside those that we take.
const NAME: &str = "Full-00000000-00000007-1800000007";

#[derive(clap::Args)]
pub(super) struct Args {
    /// Of the full, in MiB.
    #[arg(long, default_value_t = 1024)]
    size: u64,
    /// Runs of each.
    #[arg(long, default_value_t = 5, value_parser = super::runs::some)]
    runs: usize,
}

/// Copies, and compares.
pub(super) fn run(args: &Args) -> Result<()> {
    let both = Both {
        binary: built::program(&["--package", "etcdbrctl"])?,
        rclone: oracles::rclone()?.path().to_owned(),
    };
    let room = in_memory()?;
    let servers = [serve(Some("minio"))?, serve(Some("minio"))?];
    let mut peers = Vec::new();
    for (server, name) in servers.iter().zip(["source", "destination"]) {
        let server = server.running().first().context("nothing runs")?;
        peers.push(peer::s3(&server.url, &room.path().join(name))?);
    }
    let [source, destination] = &peers[..] else {
        anyhow::bail!("two servers were started");
    };
    both.fill(source, room.path(), args.size)?;
    make_bucket(&both.rclone, destination)?;
    let mut within = Vec::new();
    for number in 0..args.runs {
        let prefix = format!("within-{number}");
        within.push(measure::process(&mut both.ours(source, source, &prefix))?);
    }
    let mut pairs = Vec::new();
    for number in 0..args.runs {
        let prefix = format!("ours-{number}");
        let ours = || measure::process(&mut both.ours(source, destination, &prefix));
        let others = || measure::process(&mut both.others(source, destination, number));
        let pair = Pair::of(number % 2 == 0, ours, others)?;
        eprintln!("run {number}: {pair}");
        pairs.push(pair);
        let mut forget = rclone(&both.rclone, destination);
        measure::process(forget.args(["delete", &format!("peer:{BUCKET}")]))?;
    }
    print(&pairs, args.size)?;
    print_within(&within, args.size)
}

struct Both {
    binary: PathBuf,
    rclone: PathBuf,
}

impl Both {
    /// Puts the full and its metadata into the source.
    fn fill(&self, source: &Peer, room: &Path, mebibytes: u64) -> Result<()> {
        let (body, document) = (room.join("body"), room.join("document"));
        let sum = incompressible(&body, mebibytes)?;
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let metadata = json!({
            "format": 1,
            "snapshot": NAME,
            "kind": "full",
            "stored_bytes": mebibytes << 20,
            "stored_sha256": sum,
        });
        fs::write(&document, metadata.to_string())?;
        make_bucket(&self.rclone, source)?;
        for (file, key) in [
            (&body, format!("bench/v2/{NAME}")),
            (&document, format!("bench/meta/{NAME}.json")),
        ] {
            let mut put = rclone(&self.rclone, source);
            measure::process(put.arg("copyto").arg(file).arg(remote(&key)))?;
        }
        fs::remove_file(body)?;
        Ok(())
    }

    fn ours(&self, source: &Peer, destination: &Peer, prefix: &str) -> Command {
        let mut copy = alone(&self.binary);
        let of_source = source.credentials.iter();
        let of_source = of_source.map(|(name, dir)| (format!("SOURCE_{name}"), dir));
        copy.args(["copy", "--source-storage-provider", source.provider])
            .args(["--source-store-container", BUCKET])
            .args(["--source-store-prefix", "bench"])
            .args(["--storage-provider", destination.provider])
            .args(["--store-container", BUCKET])
            .args(["--store-prefix", prefix])
            .envs(
                destination
                    .credentials
                    .iter()
                    .map(|(name, dir)| (name, dir)),
            )
            .envs(of_source);
        copy
    }

    /// rclone with the source as a second remote.
    fn others(&self, source: &Peer, destination: &Peer, number: usize) -> Command {
        let mut copy = rclone(&self.rclone, destination);
        if let Other::Rclone { config, .. } = &source.other {
            let variable = |name: &str| format!("RCLONE_CONFIG_FROM_{name}");
            copy.envs(config.iter().map(|(name, value)| (variable(name), value)));
        }
        copy.args(["copyto", &format!("from:{BUCKET}/bench/v2/{NAME}")])
            .arg(format!("peer:{BUCKET}/others-{number}/v2/{NAME}"));
        copy
    }
}

fn print(pairs: &[Pair], mebibytes: u64) -> Result<()> {
    let rate = |run: &Run| (mebibytes << 20) as f64 / 1e6 / run.wall.as_secs_f64();
    let ours = median(pairs.iter().map(|pair| rate(&pair.ours)));
    let others = median(pairs.iter().map(|pair| rate(&pair.others)));
    // Pair by pair: both of the same minute.
    let ratios = pairs.iter();
    let ratio = median(ratios.map(|pair| rate(&pair.ours) / rate(&pair.others)));
    let cpu =
        |pick: fn(&Pair) -> &Run| median(pairs.iter().map(|pair| pick(pair).cpu.as_secs_f64()));
    let peak = |pick: fn(&Pair) -> &Run| pairs.iter().map(|pair| pick(pair).peak >> 20).max();
    let (our_peak, other_peak) = (peak(|pair| &pair.ours), peak(|pair| &pair.others));
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{mebibytes} MiB from MinIO to MinIO; aim: ratio >= 1.0, peak <= 128 MiB\n\n\
         | MB/s | rclone MB/s | ratio | CPU s | rclone CPU s | peak MiB | rclone peak MiB |\n\
         |---|---|---|---|---|---|---|\n\
         | {ours:.0} | {others:.0} | {ratio:.2} | {:.2} | {:.2} | {} | {} |",
        cpu(|pair| &pair.ours),
        cpu(|pair| &pair.others),
        our_peak.unwrap_or(0),
        other_peak.unwrap_or(0),
    )?;
    Ok(())
}

/// From one prefix of a MinIO to another: its bytes do not come here.
fn print_within(runs: &[Run], mebibytes: u64) -> Result<()> {
    let wall = median(runs.iter().map(|run| run.wall.as_secs_f64()));
    let cpu = median(runs.iter().map(|run| run.cpu.as_secs_f64()));
    let peak = runs.iter().map(|run| run.peak >> 20).max().unwrap_or(0);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "\n{mebibytes} MiB within one MinIO, copied by itself; aim: our CPU and memory do not grow with it\n\n\
         | s | CPU s | peak MiB |\n\
         |---|---|---|\n\
         | {wall:.2} | {cpu:.2} | {peak} |",
    )?;
    Ok(())
}
