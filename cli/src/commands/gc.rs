use std::io;

use engine::gc::{Collection, Line, Mode, Outcome, Report, collect};
use engine::size::{bytes, counted};

use crate::args::{Format, GcArgs};
use crate::clock::now;
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session, table};

/// Deletes what retention lets go. What the store could not delete is an error, after the report.
pub(crate) fn run(args: &GcArgs, format: Format) -> Result<()> {
    let collection = Collection {
        rules: args.rules().map_err(Error::new)?,
        now: now(),
        mode: match args.dry_run {
            true => Mode::DryRun,
            false => Mode::Delete,
        },
    };
    let report = session::run(&args.store, async {
        let session = session::open(&args.store, progress::observer()).await?;
        Ok(collect(&session, &collection).await?)
    })?;
    for warning in &report.warnings {
        tracing::warn!("{warning}");
    }
    match format {
        Format::Json => print_json(&report)?,
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format), &report))?,
    }
    match report.failed {
        0 => Ok(()),
        failed => Err(Error::new(format!(
            "the store could not delete {}; run it again",
            counted(failed, "object", "objects")
        ))),
    }
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    let rows: Vec<_> = report.objects.iter().map(row).collect();
    table::print(out, ["OBJECT", "SIZE", "WHAT", "WHY"], &rows)?;
    let deleted = counted(report.deleted, "snapshot", "snapshots");
    let size = bytes(report.deleted_bytes);
    let verb = match report.dry_run {
        true => "would be deleted",
        false => "deleted",
    };
    let left = match report.not_deleted {
        0 => String::new(),
        left => format!(", {left} not deleted yet"),
    };
    let uploads = match report.abandoned_uploads {
        0 => String::new(),
        uploads => {
            let uploads = counted(uploads, "abandoned upload", "abandoned uploads");
            format!(", {uploads} removed")
        }
    };
    let kept = report.kept;
    let location = &report.location;
    out.line("")?;
    out.text(
        "",
        format!("{deleted} ({size}) {verb}, {kept} kept{left}{uploads}, in {location}"),
    )
}

fn row(line: &Line) -> [String; 4] {
    let what = match line.outcome {
        Outcome::Kept => "keep",
        Outcome::WouldDelete => "delete",
        Outcome::Deleted => "deleted",
        Outcome::Protected => "protected",
        Outcome::Failed => "failed",
        Outcome::Left => "left",
    };
    [
        line.key.clone(),
        bytes(line.bytes),
        what.to_owned(),
        line.why.clone(),
    ]
}
