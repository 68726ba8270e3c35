use std::io::{self, Write};

use engine::restore::read_catalogue;
use engine::size::bytes;
use jiff::Timestamp;

use super::store_view::{ChainView, StoreView};
use super::{print_json, said};
use crate::args::{Format, ListArgs};
use crate::error::Result;
use crate::screen::screen;
use crate::table;
use crate::{progress, session};

/// Shows what a store holds.
pub(crate) fn run(args: &ListArgs) -> Result<()> {
    let view = session::run(view(args))?;
    match args.output {
        Format::Json => print_json(&view),
        Format::Table => said(print(&mut screen(), &view)),
    }
}

async fn view(args: &ListArgs) -> Result<StoreView> {
    let session = session::open(&args.store, progress::observer()).await?;
    let catalogue = read_catalogue(&session).await?;
    Ok(StoreView::of(
        session.store.location().to_string(),
        &catalogue,
    ))
}

fn print(out: &mut impl Write, view: &StoreView) -> io::Result<()> {
    let snapshots = view.snapshots();
    if snapshots == 0 {
        writeln!(out, "{} holds no snapshots", view.location)?;
    } else {
        let rows: Vec<_> = view.chains.iter().map(row).collect();
        let head = ["FULL", "DELTAS", "REVISIONS", "FROM", "TO", "SIZE", "GAP"];
        table::print(out, head, &rows)?;
        writeln!(out, "\n{snapshots} snapshots in {}", view.location)?;
    }
    for ignored in &view.ignored {
        writeln!(out, "ignored: {}: {}", ignored.key, ignored.reason)?;
    }
    Ok(())
}

fn row(chain: &ChainView) -> [String; 7] {
    let revisions = match (chain.from_revision, chain.to_revision) {
        (Some(from), Some(to)) if from == to => from.to_string(),
        (Some(from), Some(to)) => format!("{from}..{to}"),
        _ => "none".into(),
    };
    let gap = chain.gap.as_ref().map(|gap| {
        format!(
            "{}..{} before {}",
            gap.first_missing, gap.last_missing, gap.before
        )
    });
    [
        chain
            .full
            .as_ref()
            .map_or("(empty etcd)".into(), |full| full.name.clone()),
        chain.deltas.len().to_string(),
        revisions,
        time(chain.from_time),
        time(chain.to_time),
        bytes(chain.bytes),
        gap.unwrap_or_else(|| "-".into()),
    ]
}

fn time(time: Option<Timestamp>) -> String {
    time.map_or("-".into(), |time| time.to_string())
}
