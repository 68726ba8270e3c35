//! `list`: what a store holds, as a table or as JSON (`view.rs`).

mod branch;
mod view;

use std::collections::BTreeMap;
use std::io;

use clap::ArgMatches;
use clap::parser::ValueSource;
use engine::backups::branches::Holdings;
use engine::backups::{EmptyStore, read_holdings};
use engine::size::{bytes, counted};
use jiff::Timestamp;

use crate::args::{Format, ListArgs, StoreArgs};
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::table;
use crate::{hints, neighbours, progress, session};

pub(super) use view::SnapshotView;
use view::{ChainView, LineageView, StoreView, UnplacedView};

/// Shows what a store holds.
pub(crate) fn run(args: &ListArgs, format: Format, flags: Option<&ArgMatches>) -> Result<()> {
    if args.directory.is_some() {
        refuse_other_store(flags)?;
    }
    let store = args.store();
    let view = session::run(&store, view(args, &store))?;
    match format {
        Format::Json => print_json(&view),
        format => ignore_broken_pipe(print(&mut screen(format), &view, format)),
    }
}

/// Where a directory names the store, a flag names none.
pub(in crate::commands) fn refuse_other_store(flags: Option<&ArgMatches>) -> Result<()> {
    let Some(flag) = flags.and_then(other_store) else {
        return Ok(());
    };
    Err(Error::new(format!(
        "a directory and --{flag} are given: a directory alone names a store of the provider Local; leave one of them out"
    )))
}

/// A flag that names a store. What the environment names gives way to a directory.
fn other_store(flags: &ArgMatches) -> Option<String> {
    let mut names = ["storage_provider", "store_container", "plugin"].into_iter();
    let is_given = |name: &&str| {
        let is_known = flags.try_contains_id(name).is_ok();
        is_known && flags.value_source(name) == Some(ValueSource::CommandLine)
    };
    names.find(is_given).map(|name| name.replace('_', "-"))
}

async fn view(args: &ListArgs, store: &StoreArgs) -> Result<StoreView> {
    let session = session::open(store, progress::observer()).await?;
    let holdings = read_holdings(&session).await?;
    let mut view = StoreView::of(session.store.location().to_string(), &holdings);
    if holdings.listed.snapshots.is_empty() {
        let empty_store = EmptyStore::look(&session, &holdings.listed).await?;
        neighbours::warn(&session, store).await;
        if empty_store.is_missing {
            return Err(Error::new(empty_store.to_string()));
        }
        let told = hints::after_sentences(&empty_store.to_string(), &empty_store.hints());
        view.hint = Some(told);
    }
    warn_of_lengths(&holdings);
    if let Some(id) = &args.lineage {
        let branch = holdings
            .named(id)
            .map_err(|error| Error::new(error.to_string()))?;
        view.keep_lineage(branch.word());
    }
    view.keep(args.last(), args.since);
    view.mark(&holdings.marked);
    Ok(view)
}

/// Ranges go by names. An object of another length than what was stored has a right one, and what needs it cannot be restored.
fn warn_of_lengths(holdings: &Holdings) {
    let snapshots = holdings
        .branches
        .iter()
        .flat_map(|branch| &branch.catalogue.snapshots);
    for snapshot in snapshots {
        let stored = snapshot.noted.as_ref().and_then(|noted| noted.stored_bytes);
        let (key, size) = (snapshot.key(), snapshot.size);
        match stored {
            Some(stored) if stored != size => tracing::warn!(
                "{key} has {size} bytes, and {stored} were stored: what needs it cannot be restored"
            ),
            None if size == 0 => {
                tracing::warn!("{key} has no bytes: what needs it cannot be restored")
            }
            _ => {}
        }
    }
}

fn print(out: &mut Screen, view: &StoreView, format: Format) -> io::Result<()> {
    match &view.hint {
        Some(hint) => out.text("", hint)?,
        None => chains(out, view, format)?,
    }
    for marked in view.marked() {
        out.text("kept: ", &marked.name)?;
    }
    for ignored in &view.ignored {
        out.text("", format!("ignored: {}: {}", ignored.key, ignored.reason))?;
    }
    Ok(())
}

fn chains(out: &mut Screen, view: &StoreView, format: Format) -> io::Result<()> {
    let all: Vec<&ChainView> = view.chains.iter().collect();
    if view.lineages.is_empty() {
        rows(out, &all, format)?;
    }
    let mut depths = BTreeMap::new();
    for lineage in &view.lineages {
        let is_its = |chain: &&&ChainView| chain.lineage.as_ref() == Some(&lineage.id);
        let chains: Vec<&ChainView> = all.iter().filter(is_its).copied().collect();
        if !chains.is_empty() {
            let depth = depth(lineage, &depths);
            depths.insert(&lineage.id, depth);
            let (before, called) = branch::line(lineage, depth);
            out.text(&before, called)?;
            rows(out, &chains, format)?;
            if !lineage.newest {
                out.line("")?;
            }
        }
    }
    let reachable = counted(view.reachable(), "snapshot", "snapshots");
    let (shown, all) = (view.snapshots(), view.in_store);
    let after = match shown - view.reachable() {
        0 => String::new(),
        lost => format!(", and {lost} after a gap"),
    };
    let place = &view.location;
    let summary = match shown == all {
        true => format!("{reachable} in {place}{after}"),
        false => format!("{reachable}{after}, of {all} in {place}"),
    };
    out.line("")?;
    out.text("", summary)?;
    for unplaced in &view.unplaced {
        let UnplacedView { snapshot, why } = unplaced;
        out.text("", format!("of no known lineage: {snapshot}: {why}"))?;
    }
    Ok(())
}

/// How many of the lineages that are shown stand between this one and the root of its tree: below a parent that is not
/// shown there is no branch to draw.
fn depth(lineage: &LineageView, shown: &BTreeMap<&String, usize>) -> usize {
    let parent = lineage.parent.as_ref();
    let above = parent.and_then(|parent| shown.get(&parent.id));
    above.map_or(0, |depth| depth + 1)
}

fn rows(out: &mut Screen, chains: &[&ChainView], format: Format) -> io::Result<()> {
    let head = [
        "REVISIONS",
        "FROM (UTC)",
        "TO (UTC)",
        "DELTAS",
        "SIZE",
        "MISSING",
    ];
    let rows = chains.iter().map(|chain| row(chain));
    if format == Format::Wide {
        let [a, b, c, d, e, f] = head;
        let wide = rows.zip(chains).map(|(row, chain)| {
            let [a, b, c, d, e, f] = row;
            [a, b, c, d, e, f, full(chain)]
        });
        return table::print(out, [a, b, c, d, e, f, "FULL"], &wide.collect::<Vec<_>>());
    }
    table::print(out, head, &rows.collect::<Vec<_>>())
}

fn row(chain: &ChainView) -> [String; 6] {
    let revisions = match (chain.from_revision, chain.to_revision) {
        (Some(from), Some(to)) if from == to => from.to_string(),
        (Some(from), Some(to)) => format!("{from}..{to}"),
        _ => "none".into(),
    };
    let gap = chain.gap.as_ref();
    let gap = gap.map(|gap| format!("{}..{}", gap.first_missing, gap.last_missing));
    [
        revisions,
        time(chain.from_time),
        time(chain.to_time),
        chain.reachable_deltas().count().to_string(),
        bytes(chain.reachable_bytes()),
        gap.unwrap_or_else(|| "-".into()),
    ]
}

fn full(chain: &ChainView) -> String {
    let full = chain.full.as_ref();
    full.map_or("(empty etcd)".into(), |full| full.name.clone())
}

fn time(time: Option<Timestamp>) -> String {
    let shown = time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
    shown.unwrap_or_else(|| "-".into())
}
