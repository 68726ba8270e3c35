//! `cargo xtask bench initialize`: how long a directory is looked at, and how long until an etcd can
//! start where one cannot be trusted.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::fs::{Advice, fadvise};
use tempfile::TempDir;

use super::cache::cache_dir;
use super::corpus::{CORPORA, Corpus};
use super::measure::{Run, median};
use super::sidecar::Sidecar;
use super::{built, limit, measure, moment, put_log};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

/// Runs of each when nothing is said.
const RUNS: usize = 3;

/// The etcd that must start on what was initialized.
const ETCD: &str = "3.5.35";

/// Entries of the log that is replayed.
const ENTRIES: u64 = 100_000;

const FULL_1G: Corpus = Corpus {
    name: "full1g",
    words: "a full of 1 GiB, no deltas",
    full_keys: 925_000,
    keys: 0,
    revisions: 0,
    value: 1024,
    per_delta: 0,
};

const DB: &str = "member/snap/db";

#[derive(clap::Args)]
pub(super) struct Args {
    /// Runs of each.
    #[arg(long, default_value_t = RUNS, value_parser = super::runs::some)]
    runs: usize,
}

/// Judges, and mends.
pub(super) fn run(args: &Args) -> Result<()> {
    let runs = args.runs;
    let binary = built::program(&["--package", "etcdbrctl"])?;
    let bench = Bench {
        binary,
        member: Member::alone()?,
        cache: cache_dir()?,
        runs,
    };
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| what | median | aim | beside | peak MiB |\n|---|---|---|---|---|"
    )?;
    bench.healthy(&mut out)?;
    bench.replay(&mut out)?;
    bench.corrupt(&mut out)?;
    bench.until_served(&mut out)
}

struct Bench {
    binary: PathBuf,
    member: Member,
    cache: PathBuf,
    runs: usize,
}

impl Bench {
    fn command(&self, verb: &str, store: &Path, data_dir: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.env_clear().arg(verb);
        command.arg("--store-container").arg(store);
        command.arg("--data-dir").arg(data_dir);
        if verb != "validate" {
            command.args(self.member.flags());
        }
        command
    }

    fn room(&self) -> Result<TempDir> {
        Ok(TempDir::with_prefix_in("initialize-", &self.cache)?)
    }

    /// 2 GiB that nothing is wrong with.
    fn healthy(&self, out: &mut impl Write) -> Result<()> {
        let corpus = CORPORA.iter().find(|corpus| corpus.name == "full2g");
        let store = corpus.context("no corpus full2g")?.make(&self.cache)?;
        let room = self.room()?;
        let dir = room.path().join("data");
        measure::process(&mut self.command("restore", &store, &dir))?;
        let (mut sanity, mut full, mut disk) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.runs {
            forget(&dir)?;
            let mut command = self.command("validate", &store, &dir);
            sanity.push(measure::process(
                command.args(["--validation-mode", "sanity"]),
            )?);
            forget(&dir)?;
            disk.push(sequential(&dir)?);
            forget(&dir)?;
            full.push(measure::process(
                &mut self.command("validate", &store, &dir),
            )?);
        }
        let wall = wall(&sanity);
        let peaks = (peak(&sanity), peak(&full));
        writeln!(
            out,
            "| sanity of 2 GiB | {:.0} ms | 200 ms | - | {} |",
            wall * 1000.0,
            peaks.0
        )?;
        let size = fs::metadata(dir.join(DB))?.len() as f64 / 1e6;
        let pairs = full.iter().zip(&disk);
        let share = median(pairs.map(|(run, disk)| disk.as_secs_f64() / run.wall.as_secs_f64()));
        let disk = size / median(disk.iter().map(Duration::as_secs_f64));
        Ok(writeln!(
            out,
            "| full validation of 2 GiB | {:.0} MB/s, {:.0} % of the disk | 80 % | reading in \
             sequence: {disk:.0} MB/s | {} |",
            size / self::wall(&full),
            share * 100.0,
            peaks.1
        )?)
    }

    /// The same look at a log, once with a question that only replaying it answers.
    fn replay(&self, out: &mut impl Write) -> Result<()> {
        let corpus = Corpus {
            name: "full-small",
            words: "a full of 100 keys",
            full_keys: 100,
            ..FULL_1G
        };
        let store = corpus.make(&self.cache)?;
        let room = self.room()?;
        let (dir, halfway) = (room.path().join("data"), room.path().join("store"));
        measure::process(&mut self.command("restore", &store, &dir))?;
        put_log::write(&dir, ENTRIES)?;
        // A name is enough: the revision in it is between the database's and the log's.
        fs::create_dir_all(halfway.join("v2"))?;
        let name = format!("Full-{:08}-{:08}-1795337000.gz", 0, ENTRIES / 2);
        File::create(halfway.join("v2").join(name))?;
        let (mut reading, mut replaying) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            reading.push(measure::process(
                &mut self.command("validate", &store, &dir),
            )?);
            replaying.push(measure::process(
                &mut self.command("validate", &halfway, &dir),
            )?);
        }
        Ok(writeln!(
            out,
            "| replay of {ENTRIES} entries | {:.2} s beyond reading | 1 s | reading: {:.2} s | {} |",
            wall(&replaying) - wall(&reading),
            wall(&reading),
            peak(&replaying)
        )?)
    }

    /// From a zeroed page to a directory that an etcd starts on.
    fn corrupt(&self, out: &mut impl Write) -> Result<()> {
        let store = FULL_1G.make(&self.cache)?;
        let room = self.room()?;
        let dir = room.path().join("data");
        measure::process(&mut self.command("restore", &store, &dir))?;
        let (mut all, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            spoil(&dir.join(DB))?;
            let run = measure::process(&mut self.command("initialize", &store, &dir))?;
            let limit = limit::measure(&store, &dir.join(DB), room.path())?;
            eprintln!("initialize: {run:?} {limit:?}");
            ratios.push(run.wall.as_secs_f64() / limit.least().as_secs_f64());
            all.push(run);
        }
        let etcd = Etcd::on(&oracles::etcd(ETCD)?, &self.member, &dir)?;
        let revision = etcd.revision()?;
        ensure!(revision > 900_000, "etcd is at revision {revision}");
        Ok(writeln!(
            out,
            "| from a corrupt 1 GiB to one that etcd boots on | {:.2} s, {:.2} L | 1.5 L | - | {} |",
            wall(&all),
            median(ratios.into_iter()),
            peak(&all)
        )?)
    }
}

impl Bench {
    /// From a zeroed page to an etcd that serves, with the sidecar asked as etcd's wrapper asks it.
    fn until_served(&self, out: &mut impl Write) -> Result<()> {
        let store = FULL_1G.make(&self.cache)?;
        let room = self.room()?;
        let dir = room.path().join("data");
        let binary = oracles::etcd(ETCD)?;
        measure::process(&mut self.command("restore", &store, &dir))?;
        let (mut all, mut own, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.runs {
            spoil(&dir.join(DB))?;
            let begin = moment::now();
            let mut command = self.command("server", &store, &dir);
            // It is not asked to back anything up.
            command.args(["--endpoints", "http://127.0.0.1:1"]);
            command.args(["--storage-provider", "Local"]);
            let sidecar = Sidecar::start(command)?;
            moment::until("the sidecar's answer", || {
                Ok(sidecar.get("/initialization/start"))
            })?;
            moment::until("the initialization", || {
                let status = sidecar.get("/initialization/status");
                let is_failed = status
                    .as_deref()
                    .is_some_and(|status| status.contains("Failed"));
                ensure!(!is_failed, "the initialization failed");
                Ok(status.filter(|status| status.contains("Successful")))
            })?;
            let etcd = Etcd::on(&binary, &self.member, &dir)?;
            let served = begin.elapsed();
            drop((sidecar, etcd));
            let begin = moment::now();
            let etcd = Etcd::on(&binary, &self.member, &dir)?;
            let etcd_alone = begin.elapsed();
            drop(etcd);
            let limit = limit::measure(&store, &dir.join(DB), room.path())?.least();
            eprintln!("served after {served:?}, etcd alone {etcd_alone:?}, L {limit:?}");
            let ours = served.saturating_sub(etcd_alone);
            ratios.push(ours.as_secs_f64() / limit.as_secs_f64());
            all.push(served.as_secs_f64());
            own.push(etcd_alone.as_secs_f64());
        }
        Ok(writeln!(
            out,
            "| from a corrupt 1 GiB to an etcd that serves, by the sidecar | {:.2} s, etcd's own start and {:.2} L | \
             1.25 L | etcd alone: {:.2} s | - |",
            median(all.into_iter()),
            median(ratios.into_iter()),
            median(own.into_iter())
        )?)
    }
}

fn wall(runs: &[Run]) -> f64 {
    median(runs.iter().map(|run| run.wall.as_secs_f64()))
}

/// The most of any run, in MiB.
fn peak(runs: &[Run]) -> u64 {
    runs.iter().map(|run| run.peak).max().unwrap_or(0) >> 20
}

/// Has the system drop what it holds in memory of the database.
fn forget(dir: &Path) -> Result<()> {
    let file = File::open(dir.join(DB))?;
    file.sync_all()?;
    Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
}

/// Reads the database from one end to the other.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn sequential(dir: &Path) -> Result<Duration> {
    let begin = Instant::now();
    let mut file = File::open(dir.join(DB))?;
    let mut piece = vec![0; 1 << 20];
    while file.read(&mut piece)? > 0 {}
    Ok(begin.elapsed())
}

/// Zeroes a page in the middle.
fn spoil(db: &Path) -> Result<()> {
    let mut file = File::options().write(true).open(db)?;
    let middle = file.metadata()?.len() / 8192 * 4096;
    file.seek(SeekFrom::Start(middle))?;
    file.write_all(&[0; 8 * 4096])?;
    Ok(file.sync_all()?)
}
