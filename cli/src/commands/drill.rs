use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::Path;
use std::time::Duration;

use client::Etcd;
use engine::backups::DatabaseFile;
use engine::drill::{Check, Outcome, Report, Source, Starter, Verdict, drill};
use engine::session::Session;
use engine::size::{bytes, counted};
use tempfile::TempDir;

use crate::args::{DrillArgs, Format};
use crate::clock::now;
use crate::drilled::{StockEtcd, log_beside, look, write};
use crate::error::{Error, Result};
use crate::exit_code::{FAILURE, SUCCESS};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{etcd, hints, progress, session, table};

/// What was restored is not what was backed up.
const DIFFERS: u8 = 2;

/// Rehearses a restore. Its exit code says what that came to.
pub(crate) fn run(args: &DrillArgs, format: Format) -> Result<u8> {
    if let Some(path) = &args.report {
        look(path)?;
    }
    let report = session::run(&args.store, drilled(args))?;
    match format {
        Format::Json => print_json(&report)?,
        Format::Table => ignore_broken_pipe(screen(format).text("", headline(&report)))?,
        Format::Wide => ignore_broken_pipe(print(&mut screen(format), &report))?,
    }
    if let Some(path) = &args.report {
        write(path, &report)?;
    }
    Ok(match report.verdict {
        Verdict::Passed => SUCCESS,
        Verdict::Differs => DIFFERS,
        Verdict::Failed => FAILURE,
    })
}

/// A name that was mistyped was told when all of the restore was done.
fn is_there(program: &Path) -> Result<()> {
    if program.components().count() == 1 {
        // It is looked for in PATH.
        return Ok(());
    }
    let why = match std::fs::metadata(program) {
        Ok(found) if found.is_file() => return Ok(()),
        Ok(_) => "it is no file".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Error::new(format!(
        "nothing was restored: --etcd names {}: {why}",
        program.display()
    )))
}

async fn drilled(args: &DrillArgs) -> Result<Report> {
    if let Some(program) = &args.etcd {
        is_there(program)?;
    }
    let (session, source) = opened(args).await?;
    let scratch = scratch(args)?;
    let token = format!("drill-{:016x}", RandomState::new().hash_one(0));
    let request = args.request(&scratch.path().join("drill.etcd"), &token);
    let config = |endpoints: &[String]| args.live.login.config(endpoints).map_err(Error::new);
    let starter = match &args.etcd {
        None => None,
        Some(program) => Some(StockEtcd {
            program: program.clone(),
            log: match &args.report {
                Some(report) => log_beside(report),
                None => scratch.path().join("etcd.log"),
            },
            config: config(&[])?,
            cancel: session.cancel.clone(),
        }),
    };
    let live = match args.live.endpoints.as_slice() {
        [] => None,
        endpoints => Some(etcd::connect(&session.cancel, config(endpoints)?).await?),
    };
    let starter = starter.as_ref().map(|one| one as &dyn Starter);
    let live = live.as_deref().map(|one| one as &dyn Etcd);
    let report = drill(&session, &source, &request, starter, live, now()).await?;
    let path = scratch.path().to_owned();
    let removed = scratch.close();
    removed.map_err(|error| Error::new(format!("cannot remove {}: {error}", path.display())))?;
    Ok(report)
}

async fn opened(args: &DrillArgs) -> Result<(Session, Source)> {
    let Some(path) = args.target.file() else {
        let session = session::open(&args.store, progress::observer()).await?;
        return Ok((session, Source::Chain));
    };
    let file = DatabaseFile::find(path)?;
    let store = args.store.around_file(&file.directory);
    let session = session::open(&store, progress::observer()).await?;
    Ok((session, Source::File(Box::new(file))))
}

/// A directory that goes when this is dropped, by a signal too.
fn scratch(args: &DrillArgs) -> Result<TempDir> {
    let made = tempfile::Builder::new()
        .prefix("etcdbrctl-drill-")
        .tempdir_in(&args.scratch_dir);
    let shown = args.scratch_dir.display();
    made.map_err(|error| Error::new(format!("cannot make a directory in {shown}: {error}")))
}

/// All of it in a line.
fn headline(report: &Report) -> String {
    let restored = report.restored.as_ref();
    let with = match &report.etcd_version {
        Some(version) => format!("etcd {version} served it"),
        None => "read without an etcd".to_owned(),
    };
    let state = restored.map(|restored| {
        let keys = counted(report.keys.unwrap_or(0), "key", "keys");
        let size = bytes(restored.database_bytes);
        format!("revision {}, {keys}, {size}", restored.revision)
    });
    let why = report.why.as_deref().unwrap_or_default();
    let why = hints::after(why, &report.hints);
    match (report.verdict, state) {
        (Verdict::Passed, Some(state)) => {
            let took = report.rto_ms.map_or("?".to_owned(), seconds);
            let compared = of(report, Outcome::Same);
            let left = match of(report, Outcome::NotCompared) {
                0 => String::new(),
                left => format!(", {left} had nothing to compare with"),
            };
            let same = counted(compared, "check", "checks");
            format!("Drill passed: {state}; restored in {took}, {with}; {same} passed{left}")
        }
        (Verdict::Differs, Some(state)) => {
            format!("Drill found differences: {state}, {with}: {why}")
        }
        (Verdict::Failed, Some(state)) => format!("Drill failed after a restore of {state}: {why}"),
        (_, None) => format!("Drill failed: {why}"),
    }
}

fn of(report: &Report, outcome: Outcome) -> usize {
    let such = |check: &&Check| check.outcome == outcome;
    report.checks.iter().filter(such).count()
}

fn seconds(milliseconds: u64) -> String {
    let seconds = Duration::from_millis(milliseconds).as_secs_f64();
    format!("{seconds:.1} s")
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    out.text("", headline(report))?;
    let phases = [
        ("restore", report.phases.restore_ms),
        ("read", report.phases.read_ms),
        ("live", report.phases.live_ms),
        ("start", report.phases.start_ms),
        ("ask", report.phases.ask_ms),
    ];
    for (name, took) in phases {
        if let Some(took) = took {
            out.text("  ", format!("{name:9} {}", seconds(took)))?;
        }
    }
    let rows: Vec<_> = report.checks.iter().map(row).collect();
    table::print(out, ["CHECK", "WITH", "OUTCOME", "WHAT"], &rows)
}

fn row(check: &Check) -> [String; 4] {
    let outcome = match check.outcome {
        Outcome::Same => "same",
        Outcome::Differs => "differs",
        Outcome::NotCompared => "not compared",
    };
    let what = match (&check.restored, &check.other, &check.note) {
        (Some(restored), Some(other), _) if restored != other => {
            format!("{restored}, and not {other}")
        }
        (Some(restored), ..) => restored.clone(),
        (.., note) => note.clone().unwrap_or_default(),
    };
    [
        check.what.to_owned(),
        check.with.clone(),
        outcome.to_owned(),
        what,
    ]
}
