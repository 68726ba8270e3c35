//! What retention decides on, out of what a store lists and what metadata says.

use jiff::Timestamp;

use crate::backups::metadata::{AllMetadata, Metadata};
use crate::backups::{Catalogue, Snapshot};
use crate::retention::{Item, Origin};

/// One item for each snapshot, in the order of the catalogue.
pub(super) fn items(catalogue: &Catalogue, all: &AllMetadata) -> Vec<Item> {
    let item = |snapshot: &Snapshot| {
        let name = snapshot.key().file_name();
        let metadata = all.by_snapshot.get(name);
        let origin = match all.unreadable.contains_key(name) {
            true => Origin::Unreadable,
            false => metadata.map_or(Origin::Unknown, origin),
        };
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
    catalogue.snapshots.iter().map(item).collect()
}

/// A time past those that can be written is far away.
fn until(time: std::time::SystemTime) -> Timestamp {
    time.try_into().unwrap_or(Timestamp::MAX)
}

fn origin(metadata: &Metadata) -> Origin {
    match &metadata.lineage {
        Some(lineage) => Origin::Known {
            cluster: metadata.cluster_id.clone(),
            lineage: lineage.id.clone(),
        },
        None => Origin::Unknown,
    }
}
