use std::io;
use std::path::Path;

use clap::ArgMatches;
use engine::backups::branches::Taken;
use engine::backups::{DatabaseFile, FileContent, Stop, read_holdings};
use engine::restore::{Preview, Report, Request};
use engine::size::{bytes, counted};
use serde::Serialize;

use super::as_of::as_of;
use super::lineage::lineage;
use super::list::SnapshotView;
use crate::args::{Format, Inert, RestoreArgs};
use crate::error::Result;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session};

/// Makes a data directory out of a backup.
pub(crate) fn run(args: &RestoreArgs, format: Format, flags: Option<&ArgMatches>) -> Result<()> {
    if let Some(notice) = flags.and_then(Inert::notice) {
        tracing::warn!("{notice}");
    }
    let request = args.request()?;
    if args.dry_run {
        let preview = session::run(&args.store, preview(args, &request))?;
        for warning in &preview.warnings {
            tracing::warn!("{warning}");
        }
        return match format {
            Format::Json => print_json(&PlanView::of(&preview, &request)),
            Format::Table | Format::Wide => {
                ignore_broken_pipe(print_plan(&mut screen(format), &preview, args, &request))
            }
        };
    }
    let report = session::run(&args.store, restore(args, &request))?;
    match format {
        Format::Json => print_json(&report),
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format), &report)),
    }
}

async fn restore(args: &RestoreArgs, request: &Request) -> Result<Report> {
    if let Some(path) = args.target.file() {
        return restore_file(args, request, path).await;
    }
    let session = session::open(&args.store, progress::observer()).await?;
    Ok(engine::restore::restore(&session, request).await?)
}

/// Of a store that is named as well, the member remembers that nothing in it leads to this state.
async fn restore_file(args: &RestoreArgs, request: &Request, path: &Path) -> Result<Report> {
    let file = DatabaseFile::find(path)?;
    let store = args.store.around_file(&file.directory);
    let session = session::open(&store, progress::observer()).await?;
    let backups = match session::named_beside(&session, &args.store).await? {
        Some(named) => Some(read_holdings(&named).await?),
        None => None,
    };
    Ok(engine::restore::restore_file(&session, &file, backups, request).await?)
}

async fn preview(args: &RestoreArgs, request: &Request) -> Result<Preview> {
    if let Some(path) = args.target.file() {
        let file = DatabaseFile::find(path)?;
        return Ok(engine::restore::preview_file(&file, request)?);
    }
    let session = session::open(&args.store, progress::observer()).await?;
    Ok(engine::restore::preview(&session, request).await?)
}

/// What follows the full in a list of what was read.
pub(super) fn and_deltas(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(" and {}", counted(count, "delta", "deltas")),
    }
}

/// What follows what was read: that some of it was not used.
pub(super) fn beside_unused(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(
            "; nothing of {} was used",
            counted(count, "later delta", "later deltas")
        ),
    }
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    print_member(out, report)?;
    print_source(out, report)?;
    print_content(out, report)?;
    if let Some(left_out) = &report.left_out {
        let objects = counted(left_out.objects, "object", "objects");
        let mark = &left_out.mark;
        out.text(
            "  left out  ",
            format!(
                "{objects} of the store: `etcdbrctl initialize` keeps this state for as long as {mark} is there"
            ),
        )?;
    }
    Ok(())
}

/// What was made.
fn print_member(out: &mut Screen, report: &Report) -> io::Result<()> {
    let Some(member) = &report.member else {
        return Ok(());
    };
    let (dir, revision) = (member.data_dir.display(), report.revision);
    out.text("", format!("Restored {dir} to revision {revision}"))?;
    let (name, id, cluster) = (&member.name, &member.member_id, &member.cluster_id);
    out.text("  member    ", format!("{name} {id} of cluster {cluster}"))
}

/// Of what it was made.
fn print_source(out: &mut Screen, report: &Report) -> io::Result<()> {
    if let Some(time) = report.reached_time {
        let reached = report.reached;
        out.text(
            "  as of     ",
            format!("{}, revision {reached}", as_of(time)),
        )?;
    }
    if let Some(branch) = &report.branch {
        out.text("  lineage   ", lineage(branch))?;
    }
    let base = report.base.as_deref().unwrap_or("an empty store");
    let size = bytes(report.fetched_bytes);
    let deltas = and_deltas(report.deltas.len());
    let unused = beside_unused(report.unused_deltas.len());
    out.text("  from      ", format!("{base}{deltas}, {size}{unused}"))?;
    if report.deltas.is_empty() {
        return Ok(());
    }
    let (events, repeated) = (report.events, report.repeated_events);
    let told = format!("{events} applied, {repeated} repeated");
    out.text("  events    ", told)
}

/// What is in it.
fn print_content(out: &mut Screen, report: &Report) -> io::Result<()> {
    let leases = &report.leases;
    let (kept, recreated) = (
        leases.kept,
        leases.recreated + leases.recreated_with_default,
    );
    let told = format!("{kept} kept, {recreated} recreated");
    out.text("  leases    ", told)?;
    out.text("  database  ", bytes(report.database_bytes))?;
    let (hash, revision) = (report.hash_kv, report.revision);
    let compacted = compacted(report.compact_revision);
    let told = format!("{hash} at revision {revision}, {compacted}");
    out.text("  hashkv    ", told)
}

/// As etcd has it: -1 for never.
pub(super) fn compacted(revision: i64) -> String {
    match revision {
        -1 => "never compacted".to_owned(),
        revision => format!("compacted at {revision}"),
    }
}

/// What a file holds, in words.
fn held(file: &FileContent) -> String {
    let of = match file.members.as_slice() {
        [] => "no member that it names".to_owned(),
        names => {
            let count = counted(names.len(), "member", "members");
            format!("a cluster of {count} ({})", names.join(", "))
        }
    };
    let version = file.cluster_version.as_deref();
    let version = version.map_or(String::new(), |version| {
        format!(", cluster version {version}")
    });
    let compacted = file.compact_revision.map_or(String::new(), |revision| {
        format!(", compacted at {revision}")
    });
    format!("the state of {of}{version}{compacted}")
}

/// What a restore would do.
#[derive(Serialize)]
struct PlanView {
    dry_run: bool,
    data_dir: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lineage: Option<Taken>,
    base: Option<SnapshotView>,
    deltas: Vec<SnapshotView>,
    bytes: u64,
    /// That it would come to, by the names or by the file; for a time, the highest that it can be.
    revision: Option<i64>,
    /// What the file holds, of --from-file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileContent>,
    warnings: Vec<String>,
}

impl PlanView {
    fn of(preview: &Preview, request: &Request) -> Self {
        let plan = &preview.plan;
        Self {
            dry_run: true,
            lineage: preview.branch.clone(),
            data_dir: request.data_dir.display().to_string(),
            base: plan.base.as_ref().map(SnapshotView::of),
            deltas: plan.deltas.iter().map(SnapshotView::of).collect(),
            bytes: plan.size(),
            revision: preview.revision,
            file: preview.file.clone(),
            warnings: preview.warnings.clone(),
        }
    }
}

fn print_plan(
    out: &mut Screen,
    preview: &Preview,
    args: &RestoreArgs,
    request: &Request,
) -> io::Result<()> {
    let (plan, dir) = (&preview.plan, request.data_dir.display());
    let to = match (preview.revision, plan.stop) {
        (None, _) => String::new(),
        (Some(revision), Stop::Time(_)) => format!(", to revision {revision} at most"),
        (Some(revision), _) => format!(", to revision {revision}"),
    };
    let size = bytes(plan.size());
    out.text("", format!("Would make {dir}{to}, from {size}:"))?;
    if let Some(branch) = &preview.branch {
        out.text("  lineage ", lineage(branch))?;
    }
    if plan.base.is_none() {
        out.text("  ", "an empty store")?;
    }
    for snapshot in plan.objects() {
        let size = bytes(snapshot.size);
        out.text("  ", format!("{}  {size}", snapshot.key()))?;
    }
    if let Some(file) = &preview.file {
        out.text("  holds   ", held(file))?;
    }
    let next = match args.target.file() {
        Some(path) => format!(
            "`etcdbrctl verify --from-file {}` reads the file and proves it.",
            path.display()
        ),
        None => "`etcdbrctl verify` reads the objects and proves them.".to_owned(),
    };
    out.text("", format!("Nothing was changed. {next}"))
}
