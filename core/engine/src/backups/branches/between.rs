//! What crashes have left one after the other, each between an object and its metadata, before a lineage went on.

use std::collections::{BTreeMap, HashSet};

use super::crash::{continues_unknown, fits, of};
use super::origin::Origin;
use crate::backups::catalogue::Snapshot;
use crate::backups::name::Kind;

/// Adds to each of the `lineages` the deltas of unknown origin that lead from one of its objects to another, where nothing of its own
/// does, and times fit. Those that would fit into two lineages stay.
pub(super) fn add_between(snapshots: &[Snapshot], lineages: &[Origin], origins: &mut [Origin]) {
    let mut claimed: BTreeMap<usize, Vec<&Origin>> = BTreeMap::new();
    for lineage in lineages {
        for place in leading(snapshots, lineage, origins) {
            claimed.entry(place).or_default().push(lineage);
        }
    }
    for (place, by) in claimed {
        if let ([lineage], Some(origin)) = (&by[..], origins.get_mut(place)) {
            *origin = (*lineage).clone();
        }
    }
}

/// The places of such deltas.
fn leading(snapshots: &[Snapshot], lineage: &Origin, origins: &[Origin]) -> Vec<usize> {
    let own = || of(snapshots, lineage, origins).map(|(one, _)| one);
    let ends: HashSet<i64> = own().map(|one| one.name.last).collect();
    let deltas = own().filter(|one| one.name.kind == Kind::Delta);
    let firsts: HashSet<i64> = deltas.map(|one| one.name.first).collect();
    let unknown = Unknown::of(snapshots, origins);
    let mut places = Vec::new();
    for first in unknown.by_first.keys() {
        let before = first.saturating_sub(1);
        if !ends.contains(&before) || firsts.contains(first) {
            continue;
        }
        let run = unknown.run(*first, &firsts);
        let deltas = run.iter().filter_map(|place| snapshots.get(*place));
        let fit = deltas
            .clone()
            .all(|delta| own().all(|one| fits(delta, one)));
        let mut deltas = deltas;
        let begins = deltas.next();
        if fit && begins.is_some_and(|one| !continues_unknown(one, before, snapshots, origins)) {
            places.extend(run);
        }
    }
    places
}

/// The deltas of unknown origin.
struct Unknown {
    /// Where those stand that begin there, and where they end.
    by_first: BTreeMap<i64, Vec<(usize, i64)>>,
}

impl Unknown {
    fn of(snapshots: &[Snapshot], origins: &[Origin]) -> Self {
        let mut by_first: BTreeMap<i64, Vec<(usize, i64)>> = BTreeMap::new();
        for (place, (snapshot, origin)) in snapshots.iter().zip(origins).enumerate() {
            if *origin == Origin::Unknown && snapshot.name.kind == Kind::Delta {
                let at = by_first.entry(snapshot.name.first).or_default();
                at.push((place, snapshot.name.last));
            }
        }
        Self { by_first }
    }

    /// Those that follow on each other from `first` to where one of `firsts` begins; none where they do not lead there, or two
    /// begin at one revision.
    fn run(&self, first: i64, firsts: &HashSet<i64>) -> Vec<usize> {
        let (mut run, mut next) = (Vec::new(), first);
        while let Some([(place, last)]) = self.by_first.get(&next).map(Vec::as_slice) {
            run.push(*place);
            next = last.saturating_add(1);
            if firsts.contains(&next) {
                return run;
            }
            // A name that ends before it begins leads nowhere.
            if *last < first || run.len() > self.by_first.len() {
                break;
            }
        }
        Vec::new()
    }
}
