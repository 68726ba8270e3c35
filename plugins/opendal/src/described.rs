//! What a service says of an object.

use std::time::SystemTime;

use opendal::Metadata;
use snapstore::{Key, ObjectMeta};

/// Marks of objects (tags, user metadata) are not read: services differ in what a listing tells of them.
pub(crate) fn described(key: Key, metadata: &Metadata) -> ObjectMeta {
    ObjectMeta {
        id: key.into(),
        size: metadata.content_length(),
        modified: metadata.last_modified().map(SystemTime::from),
        etag: metadata.etag().map(str::to_owned),
        retain_until: None,
        excluded: false,
        delete_marker: false,
    }
}
