use snapstore::Snapstore;

use super::error::Error;
use crate::backups::storing::{self, take_back};

/// What is to be told where an object has not arrived: one that is damaged is removed again, if the store lets it.
pub(super) async fn taken_back(store: &dyn Snapstore, error: Error) -> Error {
    match error {
        Error::Storing(
            storing::Error::Damaged { key, why } | storing::Error::DoesNotOpen { key, why },
        ) if take_back(store, &key).await => Error::Spoilt { key, why },
        other => other,
    }
}
