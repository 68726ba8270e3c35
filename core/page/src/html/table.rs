use jiff::Timestamp;
use maud::{Markup, html};

use crate::view::{Row, View};
use crate::words::{ago, bytes, counted, grouped, moment};

/// All chains, in numbers.
pub(super) fn chains(view: &View) -> Markup {
    let has_lineages = view.rows.iter().any(|row| row.lineage.is_some());
    html! {
        @if !view.rows.is_empty() {
            section aria-labelledby="chains" {
                h2 #chains { "Chains" }
                @if has_lineages {
                    ul {
                        @for (id, what) in &view.lineages { li { "Lineage " (id) ": " (what) } }
                    }
                }
                details #all-chains {
                    summary #all-chains-summary { (counted(view.rows.len(), "chain", "chains")) ": a full, and the deltas that follow it" }
                    div.scrolls role="region" aria-label="Table of chains" tabindex="0" {
                        table {
                            thead { tr {
                                @if has_lineages { th scope="col" { "Lineage" } }
                                th scope="col" { "Revisions" }
                                th scope="col" { "From" }
                                th scope="col" { "To" }
                                th scope="col" { "Deltas" }
                                th scope="col" { "Stored" }
                                th scope="col" { "Content" }
                                th scope="col" { "Proven" }
                                th scope="col" { "Notes" }
                                th scope="col" { "Full" }
                            } }
                            tbody { @for row in &view.rows { (line(view, row, has_lineages)) } }
                        }
                    }
                }
            }
        }
    }
}

fn line(view: &View, row: &Row, has_lineages: bool) -> Markup {
    let revisions = match row.revisions {
        None => "none".to_owned(),
        Some((first, last)) if first == last => grouped(first),
        Some((first, last)) => format!("{} to {}", grouped(first), grouped(last)),
    };
    let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), moment);
    html! {
        tr {
            @if has_lineages { td { (row.lineage.as_deref().unwrap_or("-")) } }
            th scope="row" { (revisions) }
            td { (time(row.times.0)) }
            td { (time(row.times.1)) }
            td { (row.deltas) }
            td { (bytes(row.bytes)) }
            td { (row.raw_bytes.map_or_else(|| "-".to_owned(), bytes)) }
            td { @match row.proof {
                Some(proof) => { (ago(proof.at, view.now)) ", tier " (proof.tier) }
                None => { "-" }
            } }
            td { @if row.notes.is_empty() { "-" } @else { (row.notes.join("; ")) } }
            td { (row.full.as_deref().unwrap_or("(empty etcd)")) }
        }
    }
}
