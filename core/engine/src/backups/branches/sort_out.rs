use std::collections::BTreeMap;

use super::between::add_between;
use super::branch::Branch;
use super::crash::add_left_by_crash;
use super::order::{Dated, oldest_first};
use super::origin::{Origin, add_previous, said};
use crate::backups::catalogue::{Catalogue, Snapshot};
use crate::backups::metadata::{AllMetadata, Branching, Lineage};

/// To which history each snapshot of the catalogue belongs, in its order.
///
/// A snapshot without metadata, or whose metadata names no lineage, belongs to the lineage of the object that names it as
/// its `previous`; or to the one lineage in which it leads from one object to another, where nothing else does; or to the newest
/// lineage, where it continues that as what a crash leaves between an object and its metadata does; else its origin is unknown.
pub fn origins(catalogue: &Catalogue, all: &AllMetadata) -> Vec<Origin> {
    let snapshots = &catalogue.snapshots;
    let mut origins = said(snapshots, all);
    add_previous(snapshots, all, &mut origins);
    let known = known(&by_origin(snapshots, &origins), all).into_iter();
    let known: Vec<_> = known.map(|one| Origin::Lineage(one.lineage.id)).collect();
    add_between(snapshots, &known, &mut origins);
    if let Some(newest) = known.last() {
        add_left_by_crash(snapshots, newest, &mut origins);
    }
    origins
}

/// The lineages of a store, each with its snapshots, oldest first. The last one is the newest: what a restore takes
/// unless it is told, and what a snapshotter continues. A store without metadata is one branch.
///
/// A lineage comes after the one that it left, whatever clocks say; for the rest the time of the newest full decides.
/// Snapshots of unknown origin are the newest only where one of their fulls was begun after all that is known.
/// A snapshot whose metadata cannot be read is in no branch: it may belong to any.
pub fn branches(catalogue: &Catalogue, all: &AllMetadata) -> Vec<Branch> {
    let origins = origins(catalogue, all);
    let mut groups = by_origin(&catalogue.snapshots, &origins);
    let known = known(&groups, all);
    let mut branches: Vec<Branch> = known
        .into_iter()
        .filter_map(|one| {
            let snapshots = groups.remove(&Origin::Lineage(one.lineage.id.clone()))?;
            Some(branch(Some(one.lineage), &snapshots, all))
        })
        .collect();
    if let Some(snapshots) = groups.remove(&Origin::Unknown) {
        let unknown = branch(None, &snapshots, all);
        let last = branches.iter().filter_map(Branch::last_created).max();
        let newest = unknown.newest_full().map(|full| full.name.created);
        match newest > last {
            true => branches.push(unknown),
            false => branches.insert(0, unknown),
        }
    }
    branches
}

fn by_origin<'a>(
    snapshots: &'a [Snapshot],
    origins: &[Origin],
) -> BTreeMap<Origin, Vec<&'a Snapshot>> {
    let mut groups: BTreeMap<Origin, Vec<&Snapshot>> = BTreeMap::new();
    for (snapshot, origin) in snapshots.iter().zip(origins) {
        groups.entry(origin.clone()).or_default().push(snapshot);
    }
    groups
}

/// The lineages that have an id, oldest first.
fn known(groups: &BTreeMap<Origin, Vec<&Snapshot>>, all: &AllMetadata) -> Vec<Dated> {
    let dated = |(origin, snapshots): (&Origin, &Vec<&Snapshot>)| {
        let Origin::Lineage(id) = origin else {
            return None;
        };
        let lineage = lineage(id, snapshots, all);
        let newest_full = branch(Some(lineage.clone()), snapshots, all)
            .newest_full()
            .map(|full| full.name.created);
        Some(Dated {
            lineage,
            newest_full,
        })
    };
    let lineages: Vec<Dated> = groups.iter().filter_map(dated).collect();
    let places = oldest_first(&lineages).into_iter();
    places
        .filter_map(|place| lineages.get(place).cloned())
        .collect()
}

/// What the snapshots of a lineage say of it. A place that was proven counts more than one that was not.
fn lineage(id: &str, snapshots: &[&Snapshot], all: &AllMetadata) -> Lineage {
    let said = snapshots.iter().filter_map(|snapshot| {
        let metadata = all.by_snapshot.get(snapshot.key().file_name())?;
        metadata.lineage.as_ref()?.parent.as_ref()
    });
    // Of equals `min_by_key` takes the first.
    let parent = said.min_by_key(|parent| parent.branching != Branching::Proven);
    Lineage {
        id: id.to_owned(),
        parent: parent.cloned(),
    }
}

fn branch(lineage: Option<Lineage>, snapshots: &[&Snapshot], all: &AllMetadata) -> Branch {
    let cluster = |snapshot: &&&Snapshot| {
        let metadata = all.by_snapshot.get(snapshot.key().file_name());
        metadata.and_then(|metadata| metadata.cluster_id.clone())
    };
    let told = snapshots.iter().filter(|one| cluster(one).is_some());
    let last = told.max_by_key(|snapshot| (snapshot.name.created, snapshot.name.last));
    Branch {
        lineage,
        cluster_id: last.and_then(|last| cluster(&last)),
        cluster_ids: snapshots.iter().filter_map(|one| cluster(&one)).collect(),
        catalogue: Catalogue {
            snapshots: snapshots
                .iter()
                .map(|snapshot| (*snapshot).clone())
                .collect(),
            ignored: Vec::new(),
        },
    }
}
