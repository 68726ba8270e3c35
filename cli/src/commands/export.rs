use std::io::{self, IsTerminal};

use engine::backups::DatabaseFile;
use engine::export::{Report, export, export_file};
use engine::size::{bytes, counted};

use super::as_of::as_of;
use super::lineage::lineage;
use super::restore::{and_deltas, beside_unused, compacted};
use crate::args::{ExportArgs, Format};
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session};

/// Writes a state of the backups as a plain snapshot.
pub(crate) fn run(args: &ExportArgs, format: Format) -> Result<()> {
    let to_standard_output = args.to_standard_output();
    if to_standard_output && format == Format::Json {
        let what = "standard output gets the snapshot, so no JSON document: name a FILE, or leave -o json out";
        return Err(Error::new(what));
    }
    if to_standard_output && io::stdout().is_terminal() {
        return Err(Error::new(
            "standard output is a terminal, and a snapshot is no text: name a FILE, or a pipe",
        ));
    }
    let report = session::run(&args.store, exported(args))?;
    match (to_standard_output, format) {
        (true, _) => {
            let (revision, size, hash) = (report.revision, bytes(report.bytes), &report.sha256);
            let keys = counted(report.keys, "key", "keys");
            tracing::info!("exported revision {revision}: {keys}, {size}, SHA-256 {hash}");
            Ok(())
        }
        (_, Format::Json) => print_json(&report),
        _ => ignore_broken_pipe(print(&mut screen(format), &report)),
    }
}

async fn exported(args: &ExportArgs) -> Result<Report> {
    let request = args.request();
    if let Some(path) = args.target.file() {
        let file = DatabaseFile::find(path)?;
        let store = args.store.around_file(&file.directory);
        let session = session::open(&store, progress::observer()).await?;
        return Ok(export_file(&session, &file, &request, io::stdout()).await?);
    }
    let session = session::open(&args.store, progress::observer()).await?;
    Ok(export(&session, &request, io::stdout()).await?)
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    let revision = report.revision;
    let file = report.file.as_deref().unwrap_or("-".as_ref()).display();
    out.text("", format!("Exported revision {revision} to {file}"))?;
    if let Some(time) = report.reached_time {
        out.text("  as of     ", as_of(time))?;
    }
    let base = report.base.as_deref().unwrap_or("an empty store");
    let deltas = and_deltas(report.deltas.len());
    let unused = beside_unused(report.unused_deltas.len());
    let fetched = bytes(report.fetched_bytes);
    out.text("  from      ", format!("{base}{deltas}, {fetched}{unused}"))?;
    if let Some(branch) = &report.branch {
        out.text("  lineage   ", lineage(branch))?;
    }
    let keys = counted(report.keys, "live key", "live keys");
    out.text("  holds     ", keys)?;
    let size = bytes(report.bytes);
    out.text("  file      ", format!("{size}, SHA-256 {}", report.sha256))?;
    let (hash, compacted) = (report.hash_kv, compacted(report.compact_revision));
    let told = format!("{hash} at revision {revision}, {compacted}");
    out.text("  hashkv    ", told)
}
