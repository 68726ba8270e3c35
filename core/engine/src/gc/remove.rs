//! Deleting, chain by chain.

use snapstore::{ErrorKind, ObjectId};

use super::report::{Line, Outcome};
use crate::backups::Catalogue;
use crate::backups::metadata::metadata_key;
use crate::retention::Removal;
use crate::session::Session;

/// Deletes one chain's share. The first object that stays ends it: what comes after it in the order is needed by it.
/// The metadata of a snapshot goes after the snapshot; where that fails it is an orphan, which a later collection finds.
pub(super) async fn remove(
    session: &Session,
    catalogue: &Catalogue,
    removal: &Removal,
    lines: &mut [Line],
    warnings: &mut Vec<String>,
) {
    let mut ended = false;
    for place in &removal.places {
        let (Some(snapshot), Some(line)) = (catalogue.snapshots.get(*place), lines.get_mut(*place))
        else {
            continue;
        };
        if ended || session.cancel.is_cancelled() {
            line.outcome = Outcome::Left;
            continue;
        }
        match session.store.delete(&snapshot.id).await {
            Ok(()) => {
                line.outcome = Outcome::Deleted;
                metadata(session, snapshot.key().file_name(), warnings).await;
            }
            Err(error) if error.kind() == ErrorKind::Immutable => {
                ended = true;
                line.outcome = Outcome::Protected;
                warnings.push(format!(
                    "{error}; it stays until the protection ends, and the next collection tries again"
                ));
            }
            Err(error) => {
                ended = true;
                line.outcome = Outcome::Failed;
                warnings.push(format!("cannot delete: {error}"));
            }
        }
    }
}

async fn metadata(session: &Session, name: &str, warnings: &mut Vec<String>) {
    // A name without metadata: deleting what is not there is a success.
    let Ok(key) = metadata_key(name) else { return };
    if let Err(error) = session.store.delete(&ObjectId::from(key)).await {
        warnings.push(format!(
            "{error}; its snapshot is deleted, and the next collections try again"
        ));
    }
}
