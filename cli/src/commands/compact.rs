use std::io;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::ArgMatches;
use engine::backups::branches::Taken;
use engine::compact::levels::{Leveling, Levels, level};
use engine::compact::{Head, Outcome, Preview, Report, Request, compact, preview};
use engine::session::Session;
use engine::size::{bytes, counted};
use serde::Serialize;

use super::levels::show_levels;
use super::lineage::lineage;
use super::list::SnapshotView;
use super::restore::and_deltas;
use crate::args::{CompactArgs, Format, InertOfCompact};
use crate::clock::now;
use crate::error::Result;
#[cfg(feature = "kubernetes")]
use crate::leases;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session};

/// Makes one full of the newest chain.
pub(crate) fn run(args: &CompactArgs, format: Format, flags: Option<&ArgMatches>) -> Result<()> {
    let inert = flags.and_then(InertOfCompact::notice);
    for notice in inert.into_iter().chain(args.notices()) {
        tracing::warn!("{notice}");
    }
    let request = args.request(threads(), now());
    let store = args.encryption.of(&args.store);
    session::run(&store, async {
        let session = session::open(&store, progress::observer()).await?;
        if args.levels {
            let levels = merged(&session, &args.leveling(now())).await?;
            return show_levels(&levels, format);
        }
        if args.dry_run {
            return show_plan(&preview(&session, &request).await?, format);
        }
        let outcome = done(&session, &request).await?;
        show(&outcome, format)?;
        #[cfg(feature = "kubernetes")]
        leases::tell_full(
            &args.leases,
            args.pod_namespace.as_deref(),
            newest(&outcome),
            &*session.clock,
        )
        .await;
        wait(&session, args.wait()).await;
        Ok(())
    })
}

async fn done(session: &Session, request: &Request) -> Result<Outcome> {
    Ok(compact(session, request).await?)
}

async fn merged(session: &Session, leveling: &Leveling) -> Result<Levels> {
    Ok(level(session, leveling).await?)
}

/// The newest full then.
#[cfg(feature = "kubernetes")]
fn newest(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Compacted(report) => &report.snapshot,
        Outcome::Head(head) => &head.snapshot,
    }
}

/// What was done is done: a signal ends the waiting, and nothing else.
async fn wait(session: &Session, duration: Duration) {
    if duration.is_zero() {
        return;
    }
    tracing::info!("waiting for {duration:?} (--metrics-scrape-wait-duration)");
    let waiting = session.clock.sleep(duration);
    session.cancel.run_until_cancelled(waiting).await;
}

/// No etcd runs beside this.
fn threads() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().min(8))
}

fn show(outcome: &Outcome, format: Format) -> Result<()> {
    match (format, outcome) {
        (Format::Json, _) => print_json(outcome),
        (_, Outcome::Compacted(report)) => ignore_broken_pipe(print(&mut screen(format), report)),
        (_, Outcome::Head(head)) => ignore_broken_pipe(print_head(&mut screen(format), head)),
    }
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    let (key, revision) = (&report.snapshot, report.revision);
    out.text("", format!("Compacted to {key}, at revision {revision}"))?;
    let deltas = and_deltas(report.deltas.len());
    let fetched = bytes(report.fetched_bytes);
    out.text(
        "  from      ",
        format!("{}{deltas}, {fetched}", report.base),
    )?;
    if let Some(branch) = &report.branch {
        out.text("  lineage   ", lineage(branch))?;
    }
    let (events, repeated) = (report.events, report.repeated_events);
    let applied = format!("{events} applied, {repeated} repeated");
    out.text("  events    ", applied)?;
    let kept = report.leases.kept;
    let recreated = report.leases.recreated + report.leases.recreated_with_default;
    let leases = format!("{kept} kept, {recreated} recreated");
    out.text("  leases    ", leases)?;
    let database = bytes(report.database_bytes);
    let entries = counted(report.entries, "entry", "entries");
    out.text("  database  ", format!("{database}, {entries}"))?;
    let hash = format!("{} at revision {revision}, compacted there", report.hash_kv);
    out.text("  hashkv    ", hash)?;
    let shown = match report.shown_by {
        "read_back" => "and was read back",
        _ => "which the store has as well",
    };
    let stored = bytes(report.stored_bytes);
    out.text("  stored    ", format!("{stored}, {shown}"))
}

fn print_head(out: &mut Screen, head: &Head) -> io::Result<()> {
    let (key, revision) = (&head.snapshot, head.revision);
    out.text(
        "",
        format!(
            "There is nothing to compact: no delta follows on {key}, which is the newest state, at revision {revision}"
        ),
    )
}

/// What a compaction would do.
#[derive(Serialize)]
struct PlanView {
    dry_run: bool,
    /// The full that would be written, with a name whose time is that of now; none where nothing is to be done.
    snapshot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lineage: Option<Taken>,
    base: SnapshotView,
    deltas: Vec<SnapshotView>,
    bytes: u64,
    /// By the names.
    revision: i64,
    warnings: Vec<String>,
}

impl PlanView {
    fn of(preview: &Preview) -> Self {
        let last = preview.deltas.last().unwrap_or(&preview.base);
        Self {
            dry_run: true,
            snapshot: preview.name.as_ref().map(|name| format!("v2/{name}")),
            lineage: preview.branch.clone(),
            base: SnapshotView::of(&preview.base),
            deltas: preview.deltas.iter().map(SnapshotView::of).collect(),
            bytes: preview.bytes(),
            revision: last.name.last,
            warnings: preview.warnings.clone(),
        }
    }
}

fn show_plan(preview: &Preview, format: Format) -> Result<()> {
    for warning in &preview.warnings {
        tracing::warn!("{warning}");
    }
    match format {
        Format::Json => print_json(&PlanView::of(preview)),
        Format::Table | Format::Wide => {
            ignore_broken_pipe(print_plan(&mut screen(format), preview))
        }
    }
}

fn print_plan(out: &mut Screen, preview: &Preview) -> io::Result<()> {
    let Some(name) = &preview.name else {
        let key = preview.base.key();
        let nothing = format!("There would be nothing to compact: no delta follows on {key}");
        return out.text("", nothing);
    };
    let size = bytes(preview.bytes());
    out.text("", format!("Would make v2/{name}, from {size}:"))?;
    if let Some(branch) = &preview.branch {
        out.text("  lineage ", lineage(branch))?;
    }
    for snapshot in std::iter::once(&preview.base).chain(&preview.deltas) {
        let size = bytes(snapshot.size);
        out.text("  ", format!("{}  {size}", snapshot.key()))?;
    }
    out.text(
        "",
        "Nothing was changed. `etcdbrctl verify` reads the objects and proves them.",
    )
}
