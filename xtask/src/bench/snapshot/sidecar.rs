//! `etcdbrctl server`: how soon it answers, and what it takes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use testkit::port;

use super::follow::FULL_RATE;
use super::load::Until;
use super::setting::Setting;
use super::{moment, process};
use crate::bench::measure::median;

/// How long it has nothing to do before it is looked at.
const IDLE: Duration = Duration::from_secs(10);
const SCRAPES: usize = 50;

/// A sidecar that runs. Killed when dropped.
struct Sidecar {
    child: Child,
    port: u16,
}

/// What one run found.
struct Found {
    first_answer: Duration,
    /// Resident, in bytes: without an etcd, with one that it leads beside, and under the full write rate at its most.
    idle: u64,
    leading: u64,
    loaded: u64,
    puts: u64,
    scrape: Duration,
}

pub(super) fn run(bench: &Setting, how_long: Duration) -> Result<()> {
    let found: Vec<Found> = (0..bench.runs)
        .map(|_| one(bench, how_long))
        .collect::<Result<_>>()?;
    let time = |of: fn(&Found) -> Duration| median(found.iter().map(|run| of(run).as_secs_f64()));
    let bytes =
        |of: fn(&Found) -> u64| median(found.iter().map(|run| of(run) as f64 / 1_048_576.0));
    println!("| the sidecar | median | limit |");
    println!("|---|---|---|");
    println!(
        "| from exec to the first answer | {:.0} ms | 50 ms |",
        time(|run| run.first_answer) * 1e3
    );
    println!(
        "| idle, no etcd | {:.0} MiB | 24 MiB |",
        bytes(|run| run.idle)
    );
    println!(
        "| leading, nothing is written | {:.0} MiB | - |",
        bytes(|run| run.leading)
    );
    println!(
        "| leading under load, at its most | {:.0} MiB | 96 MiB |",
        bytes(|run| run.loaded)
    );
    println!(
        "| a scrape | {:.1} ms | 5 ms |",
        time(|run| run.scrape) * 1e3
    );
    Ok(())
}

fn one(bench: &Setting, how_long: Duration) -> Result<Found> {
    let room = bench.room()?;
    let store = room.path().join("store");
    std::fs::create_dir_all(&store)?;
    let begin = moment::now();
    let sidecar = Sidecar::start(&bench.binary, "http://127.0.0.1:1", &store, room.path())?;
    moment::until("the first answer", || Ok(sidecar.get("/healthz")))?;
    let first_answer = begin.elapsed();
    moment::pause(IDLE);
    let idle = sidecar.resident()?;
    drop(sidecar);

    let etcd = bench.fresh_etcd(room.path())?;
    let sidecar = Sidecar::start(&bench.binary, etcd.client_url(), &store, room.path())?;
    let leads = || {
        Ok(sidecar
            .get("/healthz")
            .filter(|answer| answer.contains("true")))
    };
    moment::until("it leads", leads)?;
    moment::pause(IDLE);
    let leading = sidecar.resident()?;
    let written = FULL_RATE.run(etcd.client_url(), Until::Passed(how_long))?;
    let loaded = process::peak(sidecar.child.id()).context("it has ended")?;
    let mut scrapes = Vec::new();
    for _ in 0..SCRAPES {
        let begin = moment::now();
        sidecar.get("/metrics").context("no metrics")?;
        scrapes.push(begin.elapsed().as_secs_f64());
    }
    let found = Found {
        first_answer,
        idle,
        leading,
        loaded,
        puts: written.puts,
        scrape: Duration::from_secs_f64(median(scrapes.into_iter())),
    };
    eprintln!(
        "first answer {:?}, idle {idle}, leading {leading}, under {} puts {loaded}, a scrape {:?}",
        found.first_answer, found.puts, found.scrape
    );
    Ok(found)
}

impl Sidecar {
    fn start(binary: &Path, etcd: &str, store: &Path, room: &Path) -> Result<Self> {
        let port = port::free()?;
        let mut command = Command::new(binary);
        command
            .env_clear()
            .args(["server", "--listen", &format!("127.0.0.1:{port}")])
            .args(["--endpoints", etcd, "--reelection-period", "1s"])
            .args(["--storage-provider", "Local", "--store-container"])
            .arg(store)
            .arg("--data-dir")
            .arg(room.join("etcd"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().context("start etcdbrctl")?;
        Ok(Self { child, port })
    }

    /// The body of an answer; `None` where there is none yet.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        Some(body.to_owned())
    }

    fn resident(&self) -> Result<u64> {
        process::resident(self.child.id()).context("it has ended")
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
