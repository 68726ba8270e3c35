use std::io;
use std::thread::available_parallelism;

use engine::backups::DatabaseFile;
use engine::import::{Outcome, Report, import};
use engine::size::{bytes, counted};

use super::restore::compacted;
use crate::args::{Format, ImportArgs};
use crate::error::Result;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session};

/// Makes a full of a store out of a plain snapshot.
pub(crate) fn run(args: &ImportArgs, format: Format) -> Result<()> {
    let report = session::run(&args.store, imported(args))?;
    match format {
        Format::Json => print_json(&report),
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format), &report)),
    }
}

async fn imported(args: &ImportArgs) -> Result<Report> {
    let file = DatabaseFile::find(&args.file)?;
    let around = args.store.around_file(&file.directory);
    let from = session::open(&around, progress::observer()).await?;
    let session = session::beside(&from, &args.encryption.of(&args.store)).await?;
    let threads = available_parallelism().map_or(1, |cores| cores.get().min(8));
    Ok(import(&session, &from, &file, &args.request(threads)).await?)
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    let (file, snapshot) = (&report.file, &report.snapshot);
    let headline = match report.outcome {
        Outcome::Imported => format!("Imported {file} as {snapshot}"),
        Outcome::WasThere => format!("{file} is there already: {snapshot} holds the same"),
        Outcome::WouldBeImported => format!("Would import {file} as {snapshot}"),
    };
    out.text("", headline)?;
    let keys = counted(report.keys, "live key", "live keys");
    let revision = report.revision;
    out.text("  holds     ", format!("revision {revision}, {keys}"))?;
    out.text("  taken     ", report.time.to_string())?;
    let members = counted(report.members.len(), "member", "members");
    let version = report.cluster_version.as_deref();
    let version = version.map_or("no cluster version".to_owned(), |version| {
        format!("cluster version {version}")
    });
    out.text(
        "  cluster   ",
        format!("{members} ({}), {version}", report.members.join(", ")),
    )?;
    let database = bytes(report.database_bytes);
    out.text(
        "  database  ",
        format!("{database}, SHA-256 {}", report.sha256),
    )?;
    if let Some(stored) = report.stored_bytes {
        out.text("  stored    ", bytes(stored))?;
    }
    let (hash, compacted) = (report.hash_kv, compacted(report.compact_revision));
    out.text(
        "  hashkv    ",
        format!("{hash} at revision {revision}, {compacted}"),
    )
}
