//! What retention decides on, out of what a store lists and what metadata says.

use jiff::Timestamp;

use crate::backups::Snapshot;
use crate::backups::branches::{self, Holdings, origins};
use crate::backups::metadata::AllMetadata;
use crate::retention::{Item, Origin};

/// One item for each snapshot, in the order of the catalogue.
pub(super) fn items(holdings: &Holdings, all: &AllMetadata) -> Vec<Item> {
    let catalogue = &holdings.listed;
    let item = |(snapshot, origin): (&Snapshot, branches::Origin)| {
        let metadata = all.by_snapshot.get(snapshot.key().file_name());
        let origin = of_branch(origin, holdings);
        Item {
            name: snapshot.name.clone(),
            key: snapshot.key().clone(),
            bytes: snapshot.size,
            written: snapshot.modified.and_then(|time| time.try_into().ok()),
            immutable_until: snapshot.retain_until.map(until),
            origin,
            proven: metadata.is_some_and(|metadata| metadata.proof.is_some()),
            keep: metadata.is_some_and(|metadata| metadata.keep),
        }
    };
    let origins = origins(catalogue, all);
    catalogue.snapshots.iter().zip(origins).map(item).collect()
}

/// A time past those that can be written is far away.
fn until(time: std::time::SystemTime) -> Timestamp {
    time.try_into().unwrap_or(Timestamp::MAX)
}

/// A lineage that went on under the id of another cluster is one all the same.
fn of_branch(origin: branches::Origin, holdings: &Holdings) -> Origin {
    match origin {
        branches::Origin::Unknown => Origin::Unknown,
        branches::Origin::Unreadable => Origin::Unreadable,
        branches::Origin::Lineage(id) => {
            let mut branches = holdings.branches.iter();
            let branch = branches.find(|branch| branch.id() == Some(&id));
            Origin::Known {
                cluster: branch.and_then(|branch| branch.cluster_id.clone()),
                lineage: id,
            }
        }
    }
}
