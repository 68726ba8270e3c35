//! Objects of ours that are not what was sent: a restore would stumble over them.

use snapstore::{Key, ObjectId, Snapstore};

use super::error::Error;
use crate::backups::metadata::metadata_key;
use crate::backups::storing;

/// Removes an object, and what is said of it. Whether the store let it.
pub(super) async fn take_back(store: &dyn Snapstore, key: &Key) -> bool {
    if store.delete(&ObjectId::from(key.clone())).await.is_err() {
        return false;
    }
    if let Ok(noted) = metadata_key(key.file_name()) {
        // Without its snapshot it is an orphan, which a collection removes.
        let _ = store.delete(&ObjectId::from(noted)).await;
    }
    true
}

/// What is to be told where an object has not arrived: one that is damaged is removed again, if the store lets it.
pub(super) async fn taken_back(store: &dyn Snapstore, error: storing::Error) -> Error {
    match error {
        storing::Error::Damaged { key, why } if take_back(store, &key).await => {
            Error::Spoilt { key, why }
        }
        other => other.into(),
    }
}
