use std::io;

use engine::inspect::{self, Check, DatabaseView, LogView, Outcome, SnapshotsView, worst};
use engine::size::bytes;
use serde::Serialize;

use crate::args::{Format, InspectArgs, Inspected};
use crate::error::Result;
use crate::exit_code::SUCCESS;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::table;

/// etcd mends it when it starts.
const REPAIRABLE: u8 = 2;
/// As `validate` says it of a log or a raft snapshot.
const RAFT_DAMAGED: u8 = 12;
/// As `validate` says it of a database.
const DATABASE_DAMAGED: u8 = 13;

/// What cannot be read.
const UNKNOWN: &str = "unknown";

/// Shows what lies in the files of a member.
pub(crate) fn run(args: &InspectArgs, format: Format) -> Result<u8> {
    let (outcome, damaged) = match &args.what {
        Inspected::Wal(args) => {
            let view = inspect::log(&args.path)?;
            show(format, &view, |out| log(out, &view))?;
            (worst(&view.checks), RAFT_DAMAGED)
        }
        Inspected::Snap(args) => {
            let view = inspect::snapshots(&args.path)?;
            show(format, &view, |out| snapshots(out, &view))?;
            (worst(&view.checks), RAFT_DAMAGED)
        }
        Inspected::Db(args) => {
            let view = inspect::database(&args.path)?;
            show(format, &view, |out| database(out, &view))?;
            (worst(&view.checks), DATABASE_DAMAGED)
        }
    };
    Ok(match outcome {
        Outcome::Fine => SUCCESS,
        Outcome::Repairable => REPAIRABLE,
        Outcome::Damaged => damaged,
    })
}

fn show(
    format: Format,
    view: &impl Serialize,
    print: impl FnOnce(&mut Screen) -> io::Result<()>,
) -> Result<()> {
    match format {
        Format::Json => print_json(view),
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format))),
    }
}

fn log(out: &mut Screen, view: &LogView) -> io::Result<()> {
    let rows = view.entries.iter().map(|entry| {
        let (index, term) = (entry.index.to_string(), entry.term.to_string());
        [index, term, entry.offset.to_string(), entry.request.clone()]
    });
    table::print(
        out,
        ["INDEX", "TERM", "OFFSET", "REQUEST"],
        &rows.collect::<Vec<_>>(),
    )?;
    out.line("")?;
    let rows = view.snapshots.iter().map(|snapshot| {
        let counts = if snapshot.counts { "yes" } else { "no" };
        let (index, term) = (snapshot.index.to_string(), snapshot.term.to_string());
        [index, term, counts.to_owned(), snapshot.voters.join(" ")]
    });
    table::print(
        out,
        ["SNAPSHOT", "TERM", "COUNTS", "VOTERS"],
        &rows.collect::<Vec<_>>(),
    )?;
    out.line("")?;
    let rows = view.files.iter().map(|file| {
        let records = file.records.to_string();
        [file.name.clone(), bytes(file.bytes), records]
    });
    table::print(out, ["FILE", "SIZE", "RECORDS"], &rows.collect::<Vec<_>>())?;
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let number = |number: Option<u64>| id(&number.map(|number| number.to_string()));
    let member = format!(
        "member {} of cluster {}, term {}, vote {}, commit {}",
        id(&view.member_id),
        id(&view.cluster_id),
        number(view.term),
        id(&view.vote),
        number(view.commit)
    );
    out.line("")?;
    out.text("", member)?;
    checks(out, &view.checks)
}

fn snapshots(out: &mut Screen, view: &SnapshotsView) -> io::Result<()> {
    let rows = view.files.iter().map(|file| {
        let number = |number: Option<u64>| number.map_or("-".to_owned(), |n| n.to_string());
        [
            file.name.clone(),
            bytes(file.bytes as u64),
            number(file.index),
            number(file.term),
            file.voters.join(" "),
        ]
    });
    let head = ["FILE", "SIZE", "INDEX", "TERM", "VOTERS"];
    // Few have any, and their column has no room beside the others.
    let has_learners = view.files.iter().any(|file| !file.learners.is_empty());
    if has_learners {
        let [a, b, c, d, e] = head;
        let learners = view.files.iter().map(|file| file.learners.join(" "));
        let rows = rows
            .zip(learners)
            .map(|([a, b, c, d, e], learners)| [a, b, c, d, e, learners]);
        let head = [a, b, c, d, e, "LEARNERS"];
        table::print(out, head, &rows.collect::<Vec<_>>())?;
    } else if !view.files.is_empty() {
        table::print(out, head, &rows.collect::<Vec<_>>())?;
    }
    checks(out, &view.checks)
}

fn database(out: &mut Screen, view: &DatabaseView) -> io::Result<()> {
    let rows = view.buckets.iter().map(|bucket| {
        let items = bucket.items.to_string();
        [bucket.name.clone(), items, bytes(bucket.bytes)]
    });
    table::print(out, ["BUCKET", "ITEMS", "SIZE"], &rows.collect::<Vec<_>>())?;
    out.line("")?;
    let mut fact = |name: &str, value: Option<String>| match value {
        Some(value) => out.text(&format!("{name:<20} "), value),
        None => Ok(()),
    };
    let pages = view.pages.zip(view.page_size);
    fact(
        "pages",
        pages.map(|(pages, size)| format!("{pages} of {size} bytes")),
    )?;
    fact("transaction", view.transaction.map(|n| n.to_string()))?;
    fact("revision", view.revision.map(|n| n.to_string()))?;
    fact(
        "compaction begun",
        view.compaction_begun.map(|n| n.to_string()),
    )?;
    fact(
        "compaction finished",
        view.compaction_finished.map(|n| n.to_string()),
    )?;
    fact(
        "consistent index",
        view.consistent_index.map(|n| n.to_string()),
    )?;
    fact("term", view.term.map(|n| n.to_string()))?;
    fact("storage version", view.storage_version.clone())?;
    fact("cluster version", view.cluster_version.clone())?;
    let auth = match view.auth_enabled {
        Some(true) => "on",
        Some(false) => "off",
        None => UNKNOWN,
    };
    fact("auth", Some(auth.to_owned()))?;
    for (id, name) in &view.members {
        fact("member", Some(format!("{id} {name}")))?;
    }
    checks(out, &view.checks)
}

fn checks(out: &mut Screen, checks: &[Check]) -> io::Result<()> {
    out.line("")?;
    let rows = checks.iter().map(|check| {
        let outcome = check.outcome.name().to_owned();
        [check.name.to_owned(), outcome, check.detail.clone()]
    });
    table::print(
        out,
        ["CHECK", "OUTCOME", "FOUND"],
        &rows.collect::<Vec<_>>(),
    )
}
