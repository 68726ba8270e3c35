use std::io;

use engine::backups::DatabaseFile;
use engine::history::Hashes;
use engine::size::{bytes, counted};
use engine::verify::{Asking, Proven, Report, Verification, against, against_full};

use super::as_of::as_of;
use super::lineage::lineage;
use super::restore::{and_deltas, beside_unused, compacted};
use crate::args::{Format, VerifyArgs};
use crate::clock::now;
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{etcd, progress, session};

/// Proves that a chain restores.
pub(crate) fn run(args: &VerifyArgs, format: Format) -> Result<()> {
    if args.proof.fold || !args.proof.against.is_empty() {
        return prove(args, format);
    }
    let report = session::run(&args.store, verify(args))?;
    match format {
        Format::Json => print_json(&report),
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format), &report)),
    }
}

async fn verify(args: &VerifyArgs) -> Result<Report> {
    let verification = Verification {
        target: args.target.target(),
        lineage: args.lineage.wanted(),
        reading: args.reading.reading_of(&args.target),
        temp_dir: args.temp_dir.clone(),
    };
    if let Some(path) = args.target.file() {
        let file = DatabaseFile::find(path)?;
        let store = args.store.around_file(&file.directory);
        let session = session::open(&store, progress::observer()).await?;
        return Ok(engine::verify::verify_file(&session, &file, &verification).await?);
    }
    let session = session::open(&args.store, progress::observer()).await?;
    Ok(engine::verify::verify(&session, &verification).await?)
}

/// Compares with etcd, or with the newest full, and notes what was proven.
fn prove(args: &VerifyArgs, format: Format) -> Result<()> {
    let proven = session::run(&args.store, proven(args))?;
    match format {
        Format::Json => print_json(&proven),
        Format::Table | Format::Wide => {
            ignore_broken_pipe(print_proven(&mut screen(format), &proven))
        }
    }
}

async fn proven(args: &VerifyArgs) -> Result<Proven> {
    let verification = Verification {
        target: args.target.target(),
        lineage: args.lineage.wanted(),
        reading: args.reading.reading_of(&args.target),
        temp_dir: args.temp_dir.clone(),
    };
    let proof = &args.proof;
    let session = session::open(&args.store, progress::observer()).await?;
    if proof.fold {
        return Ok(against_full(&session, &verification, now()).await?);
    }
    let config = proof.login.config(&proof.against).map_err(Error::new)?;
    let etcd = etcd::connect(&session.cancel, config).await?;
    let asking = match proof.scan {
        true => Asking::Scan,
        false => Asking::Remembered,
    };
    Ok(against(&session, &*etcd, asking, &verification, now()).await?)
}

fn print_proven(out: &mut Screen, proven: &Proven) -> io::Result<()> {
    let base = proven.base.as_deref().unwrap_or("an empty store");
    let deltas = counted(proven.deltas.len(), "delta", "deltas");
    out.text("", format!("Proven up to revision {}", proven.revision))?;
    out.text("  from      ", format!("{base} and {deltas}"))?;
    out.text("  with      ", &proven.with)?;
    let compacted = match proven.compact_revision {
        Some(compacted) => format!("compacted at {compacted}"),
        None => "never compacted".to_owned(),
    };
    out.text("  hash      ", format!("{}, {compacted}", proven.hash))?;
    out.text("  shown     ", proven.shown_by())
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    let base = report.base.as_deref().unwrap_or("an empty store");
    let deltas = and_deltas(report.deltas.len());
    let size = bytes(report.fetched_bytes);
    out.text("", format!("Restorable to revision {}", report.revision))?;
    if let Some(time) = report.reached_time {
        out.text("  as of     ", as_of(time))?;
    }
    let read = match report.hashes {
        Hashes::Checked => "all read and hashed",
        Hashes::NotChecked => "all read, hashes not checked",
        Hashes::Missing => "all read; the full has no hash",
    };
    let unused = beside_unused(report.unused_deltas.len());
    out.text(
        "  from      ",
        format!("{base}{deltas}, {size}, {read}{unused}"),
    )?;
    if let Some(branch) = &report.branch {
        out.text("  lineage   ", lineage(branch))?;
    }
    if !report.deltas.is_empty() {
        let (events, repeated) = (report.events, report.repeated_events);
        out.text("  events    ", format!("{events} fit, {repeated} repeated"))?;
    }
    let (hash, revision) = (report.hash_kv, report.revision);
    let compacted = compacted(report.compact_revision);
    let told = format!("{hash} at revision {revision}, {compacted}");
    out.text("  hashkv    ", told)
}
