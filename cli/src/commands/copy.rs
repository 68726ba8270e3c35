use std::io;

use clap::ArgMatches;
use engine::copy::{Line, Outcome, Report, copy};
use engine::size::{bytes, counted};

use crate::args::{CopyArgs, Format, InertOfCopy};
use crate::clock::now;
use crate::error::{Error, Result, of_source};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session, table};

/// Copies backups. What is not at the destination afterwards is an error, after the report.
pub(crate) fn run(args: &CopyArgs, format: Format, flags: Option<&ArgMatches>) -> Result<()> {
    if let Some(notice) = flags.and_then(InertOfCopy::notice) {
        tracing::warn!("{notice}");
    }
    session::run(&args.destination, async {
        let report = copied(args).await?;
        for warning in &report.warnings {
            tracing::warn!("{warning}");
        }
        match format {
            Format::Json => print_json(&report)?,
            Format::Table | Format::Wide => {
                ignore_broken_pipe(print(&mut screen(format), &report))?;
            }
        }
        ended(&report)
    })
}

async fn copied(args: &CopyArgs) -> Result<Report> {
    let source = args.source();
    let of = |store: &'static str| move |error: Error| Error::new(format!("the {store}: {error}"));
    let from = session::open(&source, progress::observer()).await;
    let from = from.map_err(of("source")).map_err(Error::of_source)?;
    let to = session::beside(&from, &args.destination).await;
    let to = to.map_err(of("destination"))?;
    let mut report = copy(&from, &to, &args.request(now())).await?;
    for line in &mut report.objects {
        if line.why.starts_with("the source ") {
            line.why = of_source(&line.why);
        }
    }
    Ok(report)
}

/// Whether all is there that was asked for.
fn ended(report: &Report) -> Result<()> {
    let missing = counted(report.not_copied, "snapshot", "snapshots");
    match (report.interrupted, report.not_copied) {
        (true, _) => Err(Error::new(format!(
            "interrupted: {} copied, {missing} not; run it again, and it goes on with those",
            report.copied
        ))),
        (false, 0) => Ok(()),
        (false, _) if report.dry_run => Err(Error::new(format!(
            "{missing} would not be copied, for the reasons that are printed"
        ))),
        (false, _) => Err(Error::new(format!(
            "{missing} not copied, for the reasons that are printed; the others are at the destination"
        ))),
    }
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    let rows: Vec<_> = report.objects.iter().map(row).collect();
    table::print(out, ["SNAPSHOT", "SIZE", "WHAT", "WHY"], &rows)?;
    let copied = counted(report.copied, "snapshot", "snapshots");
    let size = bytes(report.copied_bytes);
    let verb = match report.dry_run {
        true => "would be copied",
        false => "copied",
    };
    let (present, left) = (report.present, report.left_out);
    let missing = match report.not_copied {
        0 => String::new(),
        missing => format!(", {missing} not copied"),
    };
    let by_service = match report.copied_by_service {
        0 => String::new(),
        many => format!(" ({many} by the service of both stores)"),
    };
    let (from, to) = (&report.source, &report.destination);
    out.line("")?;
    out.text(
        "",
        format!("{copied} ({size}) {verb}{by_service}, {present} there already, {left} left out{missing}; from {from} to {to}"),
    )
}

fn row(line: &Line) -> [String; 4] {
    let what = match line.outcome {
        Outcome::Copied => "copied",
        Outcome::WouldCopy => "copy",
        Outcome::Present => "there",
        Outcome::WouldCompare => "compare",
        Outcome::LeftOut => "left out",
        Outcome::Refused => "refused",
        Outcome::Failed => "failed",
        Outcome::NotBegun => "not begun",
    };
    [
        line.snapshot.clone(),
        bytes(line.bytes),
        what.to_owned(),
        line.why.clone(),
    ]
}
