//! `cargo xtask soak`: members with their sidecars under load, and a fault again and again. Nothing that was acknowledged is lost
//! but what a fault destroyed, and every snapshot that was acknowledged leads to what etcd had.
//!
//! No test of `cargo test`: it takes as long as it is told.
#![allow(
    dead_code,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "it is a program of its own that uses a part of what it shares, and stops where it cannot go on"
)]

#[path = "../server/asked.rs"]
mod asked;
#[path = "../server/certificates.rs"]
mod certificates;
mod course;
mod damage;
mod disk;
mod fault;
#[path = "../server/gateway.rs"]
mod gateway;
#[path = "../server/http.rs"]
mod http;
mod large;
#[path = "../server/load.rs"]
mod load;
#[path = "../server/place.rs"]
mod place;
#[path = "../server/pod.rs"]
mod pod;
mod proof;
#[path = "../server/stored.rs"]
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod voters;
mod wall_clock;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;

use course::{Course, DISK};
use fault::Fault;
use support::Site;
use table::{Round, Table};

/// Members with their sidecars under load, and a fault again and again.
#[derive(Parser)]
struct Args {
    /// How long, in minutes
    #[arg(long)]
    minutes: u64,
    /// What decides which fault comes when, and where it strikes
    #[arg(long)]
    seed: u64,
    /// How many members: 1, whose backups are all there is, or 3
    #[arg(long)]
    members: usize,
    /// Seconds from the end of a fault to the next
    #[arg(long)]
    every: u64,
    /// Where all files are kept if it fails
    #[arg(long)]
    keep: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let site = Site::with_store_below(tempfile::tempdir().unwrap(), DISK);
    support::keep_program(&site.path().join("etcdbrctl"));
    // What is written there before is below the disk, and not on it.
    let disk = Course::store_disk(&site);
    std::fs::create_dir_all(site.store().join("v2")).unwrap();
    let mut table = Table::default();
    let mut course = None;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let course = course.insert(Course::begin(&site, disk, args.members, args.seed));
        run(&args, course, &mut table);
        proof::all_lead_to_what_etcd_had(&site, course);
    }));
    table.print();
    if ended.is_ok() {
        return ExitCode::SUCCESS;
    }
    keep(site.path(), &args.keep);
    println!(
        "FAILED: seed {}, {} members; all files are in {}",
        args.seed,
        args.members,
        args.keep.display()
    );
    ExitCode::FAILURE
}

#[expect(
    clippy::disallowed_methods,
    reason = "it takes as long as it is told, by the clock on the wall"
)]
fn run(args: &Args, course: &mut Course<'_>, table: &mut Table) {
    let begun = Instant::now();
    let long = Duration::from_secs(args.minutes * 60);
    let mut random = fastrand::Rng::with_seed(args.seed);
    while begun.elapsed() < long {
        let mut faults = Fault::ALL;
        random.shuffle(&mut faults);
        for fault in faults {
            if begun.elapsed() >= long {
                break;
            }
            testkit::wait::pass(Duration::from_secs(args.every));
            let (at, struck) = (begun.elapsed(), Instant::now());
            println!("{:>5} s  {fault}", at.as_secs());
            let came = course.round(fault);
            table.add(Round {
                fault,
                took: struck.elapsed(),
                came,
            });
        }
    }
    table.writes = course.end();
    table.snapshots = course.snapshots.len();
}

/// The disks go with this process.
fn keep(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    println!("kept: {copied:?}");
}
