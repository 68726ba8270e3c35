//! What a listing shows to be wrong, and what to do about it.

use std::collections::BTreeMap;

use super::level::Level;
use super::ranges::runs;
use super::trouble::{Trouble, trouble};
use crate::listing::{Lineage, Listing};
use crate::words::{counted, grouped};

pub(super) fn of_listing(listing: &Listing, all: &mut Vec<Trouble>) {
    unplaced(listing, all);
    for lineage in &listing.lineages {
        let is_newest = listing.newest() == Some(lineage);
        all.extend(cut(lineage, is_newest));
        all.extend(without_key(lineage));
        all.extend(gaps(lineage, is_newest));
        all.extend(between(lineage));
    }
    if let Some((key, why)) = listing.ignored.first() {
        let count = counted(
            listing.ignored.len(),
            "object is no snapshot and was",
            "objects are no snapshots and were",
        );
        all.push(trouble(
            Level::Good,
            format!("{count} left out: {key}: {why}."),
            "Nothing, unless a backup should be there.",
        ));
    }
    if listing
        .newest()
        .and_then(|newest| newest.chains.last()?.full.as_ref())
        .is_some_and(|full| full.is_final)
    {
        all.push(trouble(
            Level::Good,
            "The newest full is marked as the last one of its cluster.",
            "Nothing, if the cluster has moved elsewhere.",
        ));
    }
}

/// No member restores by itself while it is not known which state is the newest.
fn unplaced(listing: &Listing, all: &mut Vec<Trouble>) {
    let Some((snapshot, why)) = listing.unplaced.first() else {
        return;
    };
    let count = counted(listing.unplaced.len(), "snapshot is", "snapshots are");
    let what = format!(
        "{count} of no known lineage: where it may be newer than what is known, a member that needs a restore does not start. {snapshot}: {why}."
    );
    all.push(trouble(Level::Problem, what, "Write that object of metadata again from a copy, or remove it: then names and times decide."));
}

/// Objects of another length than what was stored.
fn cut(lineage: &Lineage, is_newest: bool) -> Option<Trouble> {
    let cut: Vec<_> = lineage.objects().filter(|object| object.is_cut()).collect();
    let first = cut.first()?;
    let stored = match first.stored_bytes {
        Some(stored) => format!(", and {} were stored", grouped_bytes(stored)),
        None => String::new(),
    };
    let what = format!(
        "{} not as stored, and what needs one cannot be restored: {} has {} bytes{stored}.",
        counted(cut.len(), "object is", "objects are"),
        first.name,
        grouped_bytes(first.bytes),
    );
    let last = lineage.chains.last();
    let is_in_the_newest = last.is_some_and(|last| last.objects().any(|object| object.is_cut()));
    let level = match is_newest && is_in_the_newest {
        true => Level::Problem,
        false => Level::Attention,
    };
    Some(trouble(
        level,
        what,
        "Bring it back from a copy of the store or from the versions of the bucket, and take a full now (`etcdbrctl snapshot full`, or POST /snapshot/full of the sidecar).",
    ))
}

fn grouped_bytes(bytes: u64) -> String {
    grouped(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// Objects whose key is not in the store. One that does not open is seen by nothing but opening it.
fn without_key(lineage: &Lineage) -> impl Iterator<Item = Trouble> {
    let mut needed: BTreeMap<&str, usize> = BTreeMap::new();
    for key in lineage
        .objects()
        .filter_map(|one| one.missing_key.as_deref())
    {
        *needed.entry(key).or_default() += 1;
    }
    needed.into_iter().map(|(key, objects)| {
        let what = format!(
            "{key} is not in the store: {} encrypted with that key, and what needs one cannot be restored.",
            counted(objects, "object is", "objects are")
        );
        trouble(
            Level::Problem,
            what,
            "Bring the key back from a copy of the store or from the versions of the bucket, then run `etcdbrctl keys check`, which opens each \
             key. A snapshotter that still writes with it puts it back by itself; else take a full now.",
        )
    })
}

/// Revisions between the end of one chain and the beginning of the next. Gaps inside a chain are told by themselves.
fn between(lineage: &Lineage) -> impl Iterator<Item = Trouble> {
    let runs = runs(lineage);
    let ends: Vec<_> = runs
        .windows(2)
        .filter_map(|pair| {
            let (last, next) = (pair.first()?.last()?, pair.last()?.first()?);
            let (first, last_missing) = (last.reaches + 1, next.begins - 1);
            (last.gap.is_none() && first <= last_missing).then_some((first, last_missing))
        })
        .collect();
    ends.into_iter().map(|(first, last)| {
        let revisions = match first == last {
            true => format!("Revision {} cannot", grouped(first)),
            false => format!("Revisions {} to {} cannot", grouped(first), grouped(last)),
        };
        trouble(
            Level::Good,
            format!(
                "{revisions} be restored: no delta leads from the chain before to the next full."
            ),
            "Nothing for what is stored now. For a state of that time take the one before.",
        )
    })
}

/// A gap before the newest state has to be closed by a full; older ones go with their chains.
fn gaps(lineage: &Lineage, is_newest: bool) -> impl Iterator<Item = Trouble> {
    let last = lineage.chains.len().saturating_sub(1);
    let chains = lineage.chains.iter().enumerate();
    chains.filter_map(move |(at, chain)| {
        let gap = chain.gap?;
        let revisions = match gap.first == gap.last {
            true => format!("Revision {} is", grouped(gap.first)),
            false => format!("Revisions {} to {} are", grouped(gap.first), grouped(gap.last)),
        };
        Some(match is_newest && at == last {
            true => trouble(Level::Problem, format!("{revisions} in no object: nothing that was stored later can be restored."), "Take a full now (`etcdbrctl snapshot full`, or POST /snapshot/full of the sidecar), and find out who deleted the delta."),
            false => trouble(Level::Good, format!("{revisions} in no object: no state from there up to the next full can be restored."), "Nothing for what is stored now. For a state of that time take the one before the gap."),
        })
    })
}
