//! Why no plan leads to a revision, and which there are. Pure, from names.

use jiff::Timestamp;

use super::catalogue::{Catalogue, Snapshot};
use super::chain::{Chain, chains};
use super::name::Kind;

/// Why nothing leads to `revision`. `nearest` is the nearest chain before it, with all that comes after its full.
pub(super) fn why(catalogue: &Catalogue, nearest: &Chain, revision: i64) -> String {
    let begins = |one: &Snapshot| match one.name.kind {
        Kind::Full => one.name.last,
        Kind::Delta => one.name.first,
    };
    if catalogue.snapshots.iter().all(|one| begins(one) > revision) {
        return "it is before the first snapshot".into();
    }
    let later_full = catalogue.fulls().find(|full| full.name.last > revision);
    let gap = nearest.gap.as_ref().filter(|gap| gap.after < revision);
    match (gap, later_full) {
        // A delta after a later full is not what is missing before that.
        (Some(gap), later) if later.is_none_or(|full| full.name.last >= gap.before) => format!(
            "revisions {} to {} are missing",
            gap.after + 1,
            gap.before - 1
        ),
        (_, Some(full)) => format!(
            "the deltas before it end at revision {}, and the next full holds revision {}",
            nearest.reaches, full.name.last
        ),
        (_, None) => format!("the backups end at revision {}", nearest.reaches),
    }
}

/// The revisions that can be restored, as a sentence's end.
pub(super) fn ranges(catalogue: &Catalogue) -> String {
    joined(catalogue, revisions)
}

/// The same with the times of their snapshots, for whoever asked for a time.
pub(super) fn ranges_in_time(catalogue: &Catalogue) -> String {
    joined(catalogue, |chain| {
        let objects = chain.full.iter().chain(&chain.deltas);
        let within = objects.filter(|object| object.name.last <= chain.reaches);
        let made = within.filter_map(|object| Timestamp::from_second(object.name.created).ok());
        let made: Vec<Timestamp> = made.collect();
        let revisions = revisions(chain);
        match (made.iter().min(), made.iter().max()) {
            (Some(first), Some(last)) if first != last => {
                format!("{revisions} (from {first} to {last})")
            }
            (Some(one), _) => format!("{revisions} (of {one})"),
            _ => revisions,
        }
    })
}

fn revisions(chain: &Chain) -> String {
    match (chain.begins(), chain.reaches) {
        (from, to) if from == to => format!("revision {from}"),
        (from, to) => format!("revisions {from} to {to}"),
    }
}

fn joined(catalogue: &Catalogue, told: impl Fn(&Chain) -> String) -> String {
    let reachable = |chain: &&Chain| chain.full.is_some() || chain.reaches > chain.begins();
    let chains = chains(catalogue);
    let ranges: Vec<String> = chains.iter().filter(reachable).map(told).collect();
    match ranges.len() {
        0 => "none: there is no full snapshot".into(),
        1..=4 => ranges.join(", "),
        more => format!(
            "{} and {} older ranges",
            ranges[more - 4..].join(", "),
            more - 4
        ),
    }
}
