use std::io::{self, Write};

use clap::ArgMatches;
use engine::restore::{Report, Request};

use super::{print_json, stdout_failed};
use crate::args::{Format, Inert, RestoreArgs};
use crate::error::Result;
use crate::{progress, session, table};

/// Makes a data directory out of a backup.
pub(crate) fn run(args: &RestoreArgs, flags: Option<&ArgMatches>) -> Result<()> {
    if let Some(notice) = flags.and_then(Inert::notice) {
        tracing::warn!("{notice}");
    }
    let request = args.request()?;
    let report = session::runtime()?.block_on(restore(args, &request))?;
    for warning in &report.warnings {
        tracing::warn!("{warning}");
    }
    match args.output {
        Format::Json => print_json(&report),
        Format::Table => print(&mut io::stdout(), &report).map_err(stdout_failed),
    }
}

async fn restore(args: &RestoreArgs, request: &Request) -> Result<Report> {
    let session = session::open(&args.store, progress::observer()).await?;
    Ok(engine::restore::restore(&session, request).await?)
}

fn print(out: &mut impl Write, report: &Report) -> io::Result<()> {
    if let Some(member) = &report.member {
        writeln!(
            out,
            "Restored {} to revision {}",
            member.data_dir.display(),
            report.revision
        )?;
        writeln!(
            out,
            "  member    {} {} of cluster {}",
            member.name, member.member_id, member.cluster_id
        )?;
    }
    let base = report.base.as_deref().unwrap_or("an empty store");
    writeln!(
        out,
        "  from      {base} and {} deltas, {}",
        report.deltas.len(),
        table::bytes(report.fetched_bytes)
    )?;
    writeln!(
        out,
        "  events    {} applied, {} repeated",
        report.events, report.repeated_events
    )?;
    let leases = report.leases;
    let recreated = leases.recreated + leases.recreated_with_default;
    writeln!(
        out,
        "  leases    {} kept, {recreated} made again",
        leases.kept
    )?;
    writeln!(out, "  database  {}", table::bytes(report.database_bytes))?;
    writeln!(
        out,
        "  hashkv    {} at revision {}, compacted at {}",
        report.hash_kv, report.revision, report.compact_revision
    )
}
