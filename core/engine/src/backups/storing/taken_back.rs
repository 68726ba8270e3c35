//! Objects of ours that are not what was sent: a restore would stumble over them.

use snapstore::{Key, ObjectId, Snapstore};

use crate::backups::metadata::metadata_key;

/// Removes an object, and what is said of it. Whether the store let it.
pub(crate) async fn take_back(store: &dyn Snapstore, key: &Key) -> bool {
    if store.delete(&ObjectId::from(key.clone())).await.is_err() {
        return false;
    }
    if let Ok(noted) = metadata_key(key.file_name()) {
        // Without its snapshot it is an orphan, which a collection removes.
        let _ = store.delete(&ObjectId::from(noted)).await;
    }
    true
}
