//! What is left when an older state is restored.

use std::collections::BTreeSet;

use crate::backups::branches::{Branch, Holdings};
use crate::backups::{Catalogue, Snapshot};

/// What leads further than `revision` in that lineage, all of those that came after it, and what has no place.
pub(super) fn left(holdings: &Holdings, lineage: Option<&str>, revision: i64) -> BTreeSet<String> {
    let further = |snapshot: &Snapshot| snapshot.name.last > revision;
    let mut branches = holdings.branches.iter();
    let own = branches.find(|branch| branch.id() == lineage);
    let own = own.map(|own| keys(&own.catalogue, further));
    // The rest of the iterator.
    let newer = branches.flat_map(|branch| everything(&branch.catalogue));
    let unplaced = holdings.unplaced.iter();
    let unplaced = unplaced.filter(|one| further(&one.snapshot));
    let unplaced = unplaced.map(|one| one.snapshot.key().to_string());
    own.into_iter()
        .flatten()
        .chain(newer)
        .chain(unplaced)
        .collect()
}

/// Of these no id tells later that they were there before.
pub(super) fn others_of_unknown_origin(
    holdings: &Holdings,
    lineage: Option<&str>,
) -> BTreeSet<String> {
    let is_other = |branch: &&Branch| branch.lineage.is_none() && lineage.is_some();
    let mut others = holdings.branches.iter().filter(is_other);
    let others = others.next().map(|other| everything(&other.catalogue));
    others.unwrap_or_default()
}

/// The keys of all snapshots.
pub(super) fn everything(catalogue: &Catalogue) -> BTreeSet<String> {
    keys(catalogue, |_| true)
}

fn keys(catalogue: &Catalogue, wanted: impl Fn(&Snapshot) -> bool) -> BTreeSet<String> {
    let snapshots = catalogue.snapshots.iter().filter(|one| wanted(one));
    snapshots.map(|one| one.key().to_string()).collect()
}

/// The ids of all lineages.
pub(super) fn known(holdings: &Holdings) -> BTreeSet<String> {
    let ids = holdings.branches.iter().filter_map(Branch::id);
    ids.map(str::to_owned).collect()
}
