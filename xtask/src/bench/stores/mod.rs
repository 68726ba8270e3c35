//! `cargo xtask bench stores`: an object up and down, by us and by rclone in turn.

pub(super) mod arrival;
mod azure;
mod pace;
pub(super) mod pair;
pub(super) mod peer;
pub(super) mod programs;
mod served;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testkit::emulators::{LOOSE_AZURITE, Session};

use super::measure;
use crate::commands::emulators::bring;
use arrival::{Arrival, Sum, incompressible};
use pair::{Pair, Row};
use peer::{Other, Peer};
use programs::{Programs, Way, remote};
use served::Served;

/// Runs of each when nothing is said.
const RUNS: usize = 3;
/// MiB of an object when nothing is said.
const SIZE: u64 = 1024;

const NAMES: [&str; 5] = ["s3", "gcs", "abs", "swift", "oss"];

/// Stores, and the emulator that each needs.
const TARGETS: [(&str, Option<&str>); 5] = [
    ("s3", Some("minio")),
    ("gcs", Some("fake-gcs-server")),
    ("abs", Some("azurite")),
    ("swift", Some("swift")),
    ("oss", None),
];

#[derive(clap::Args)]
pub(super) struct Args {
    /// Only these stores; all if none is named.
    #[arg(long = "target", value_name = "NAME,...", value_delimiter = ',', value_parser = NAMES)]
    targets: Vec<String>,
    /// Of an object, in MiB.
    #[arg(long, default_value_t = SIZE)]
    size: u64,
    /// Runs of each.
    #[arg(long, default_value_t = RUNS, value_parser = crate::bench::runs::some)]
    runs: usize,
}

/// Transfers, and compares.
pub(super) fn run(wanted: &Args) -> Result<()> {
    let programs = Programs::build()?;
    let room = in_memory()?;
    let file = room.path().join("body");
    let body = Body {
        sum: incompressible(&file, wanted.size)?,
        file: &file,
        mebibytes: wanted.size,
    };
    let mut rows = Vec::new();
    for (target, emulator) in TARGETS {
        if !wanted.targets.is_empty() && !wanted.targets.iter().any(|name| name == target) {
            continue;
        }
        // One at a time: a server that only waits still takes memory and a little of the CPU.
        let served = serve(emulator)?;
        let (peer, server, _keep) = meet(target, &served, &programs, room.path())?;
        rows.push(bench(&programs, peer, server, &body, wanted.runs)?);
    }
    table::print(&rows, wanted.size)
}

pub(super) fn serve(emulator: Option<&str>) -> Result<Session> {
    let Some(name) = emulator else {
        return Session::start(&[]);
    };
    let (mut there, missing) = bring(&[name.to_owned()])?;
    ensure!(missing.is_empty(), "there is no {}", missing.join(", "));
    for (emulator, _) in &mut there {
        if emulator.name == LOOSE_AZURITE.name {
            *emulator = &LOOSE_AZURITE;
        }
    }
    Session::start(&there)
}

/// What goes up, and what must come down.
struct Body<'a> {
    file: &'a Path,
    mebibytes: u64,
    sum: Sum,
}

fn bench(
    programs: &Programs,
    peer: Peer,
    server: String,
    body: &Body<'_>,
    runs: usize,
) -> Result<Row> {
    programs.make_bucket(&peer)?;
    let (mut ups, mut downs) = (Vec::new(), Vec::new());
    let down = Arrival::new(body.file.with_file_name("down"), body.mebibytes);
    for number in 0..runs {
        // Who goes first takes turns as well.
        let ours_first = number % 2 == 0;
        let key = |side: &str| format!("{side}-{number}");
        let ours = || measure::process(&mut programs.ours(&peer, Way::Up, &key("ours"), body.file));
        let others = || {
            let at = theirs(&key("others"));
            measure::process(&mut programs.others(&peer, Way::Up, &at, body.file))
        };
        ups.push(Pair::of(ours_first, ours, others)?);
        // Both fetch what we have sent.
        let from_us = || {
            down.ready()?;
            let run =
                measure::process(&mut programs.ours(&peer, Way::Down, &key("ours"), down.path()))?;
            down.holds(body.sum).map(|()| run)
        };
        let from_others = || {
            let at = match peer.other {
                Other::Rclone { .. } => theirs(&key("ours")),
                Other::Plain { .. } => theirs(&key("others")),
            };
            let mut others = programs.others(&peer, Way::Down, &at, down.path());
            let run = measure::process_into(&mut others, down.ready()?)?;
            down.holds(body.sum).map(|()| run)
        };
        downs.push(Pair::of(ours_first, from_us, from_others)?);
        eprintln!(
            "{} run {number}: up {} down {}",
            peer.provider, ups[number], downs[number]
        );
        forget(programs, &peer)?;
    }
    Ok(Row {
        peer,
        server,
        ups,
        downs,
    })
}

/// Below the prefix that our side uses.
fn theirs(key: &str) -> String {
    format!("bench/{key}")
}

/// The store, how its server calls itself, and what must live as long as it is used.
fn meet(
    target: &str,
    session: &Session,
    programs: &Programs,
    room: &Path,
) -> Result<(Peer, String, Option<Served>)> {
    if target == "oss" {
        let served = programs.oss()?;
        let peer = peer::oss(served.url(), room)?;
        return Ok((peer, "our emulator".to_owned(), Some(served)));
    }
    let server = session.running().first().context("nothing runs")?;
    let name = format!("{} {}", server.name, server.version);
    let url = server.url.as_str();
    Ok(match target {
        "s3" => (peer::s3(url, room)?, name, None),
        "abs" => (peer::abs(url, room)?, format!("{name}, loose"), None),
        "swift" => (peer::swift(url, room)?, name, None),
        _ => {
            // Google's client sends a Host without a port, which the proxy completes.
            let proxy = programs.proxy(url, 0, None)?;
            let name = format!("{name}, behind our proxy");
            (peer::gcs(proxy.url()), name, Some(proxy))
        }
    })
}

/// Makes room: some servers keep everything in memory.
fn forget(programs: &Programs, peer: &Peer) -> Result<()> {
    if let Other::Rclone { .. } = peer.other {
        measure::process(programs.rclone(peer).args(["delete", &remote("")]))?;
    }
    Ok(())
}

/// Files in memory, if this machine has such: its disk is not what is measured.
pub(super) fn in_memory() -> Result<TempDir> {
    let memory = PathBuf::from("/dev/shm");
    let dir = match memory.is_dir() {
        true => memory,
        false => crate::bench::cache::cache_dir()?,
    };
    Ok(TempDir::with_prefix_in("etcdbr-bench-", dir)?)
}
