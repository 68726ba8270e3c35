//! Metadata whose snapshot is not there.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use snapstore::{ListRequest, ObjectId, Snapstore, SnapstoreExt};

use super::report::{Line, Outcome};
use crate::backups::metadata::{PLACE, snapshot_of};

/// How old metadata without a snapshot must be. Younger, its snapshot may be on its way into the listing.
const OLD: SignedDuration = SignedDuration::from_hours(24);

/// An orphan to delete, and what to say of it.
pub(super) struct Orphan {
    pub(super) object: ObjectId,
    pub(super) line: Line,
}

/// Metadata older than a day whose snapshot was in no listing. Metadata whose age the store does not tell stays, and
/// so does what cannot be told to be metadata. `snapshots` are the names of all
/// that is there, listed before.
pub(super) async fn orphans(
    store: &dyn Snapstore,
    snapshots: &HashSet<String>,
    now: Timestamp,
) -> snapstore::Result<Vec<Orphan>> {
    let mut orphans = Vec::new();
    let listed = store.list_all(ListRequest::under(PLACE)).await?;
    for object in listed {
        let Some(snapshot) = snapshot_of(&object.id.key) else {
            continue;
        };
        let written = object
            .modified
            .and_then(|time| Timestamp::try_from(time).ok());
        let is_old = written.is_some_and(|written| now.duration_since(written) > OLD);
        if !is_old || snapshots.contains(snapshot) {
            continue;
        }
        let line = Line {
            key: object.id.key.to_string(),
            bytes: object.size,
            outcome: Outcome::WouldDelete,
            marked: false,
            reason: "orphan_metadata",
            why: "it is the metadata of a snapshot that is not there".to_owned(),
        };
        orphans.push(Orphan {
            object: object.id,
            line,
        });
    }
    Ok(orphans)
}
