use std::time::SystemTime;

use azure_core::time::OffsetDateTime;
use azure_storage_blob::models::{BlobItem, BlobTags};
use snapstore::{Error, ErrorKind, Key, ObjectMeta, Result};
use snapstore_cloud::without_end;

/// The index tag by which people take a backup out of use; the reference's name for it.
const EXCLUDED: &str = "x-etcd-snapshot-exclude";

/// Metadata of ours on what an upload has made: the upload's id, by which a completion whose reply
/// was lost knows its own object again. Azure takes no hyphen here.
pub(crate) const UPLOAD: &str = "etcdbr_upload";

/// What Azure says of a blob, wherever it says it: in a listing or in headers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) size: Option<u64>,
    pub(crate) modified: Option<OffsetDateTime>,
    pub(crate) etag: Option<String>,
    pub(crate) immutable_until: Option<OffsetDateTime>,
    pub(crate) legal_hold: bool,
    pub(crate) excluded: bool,
}

impl Facts {
    pub(crate) fn of(item: &BlobItem) -> Self {
        let properties = item.properties.clone().unwrap_or_default();
        Self {
            size: properties.content_length,
            modified: properties.last_modified,
            etag: properties.etag.map(|etag| etag.to_string()),
            immutable_until: properties.immutability_policy_expires_on,
            legal_hold: properties.legal_hold.unwrap_or_default(),
            excluded: item.blob_tags.as_ref().is_some_and(excludes),
        }
    }

    /// The object `key`.
    ///
    /// Errors: `Unexpected` and retryable if Azure has left out what no blob is without.
    pub(crate) fn describe(self, operation: &'static str, key: &Key) -> Result<ObjectMeta> {
        let Some(size) = self.size else {
            let message = "the store's reply lacks the length of the blob";
            let error = Error::new(ErrorKind::Unexpected, operation, message);
            return Err(error.with_key(key).retryable());
        };
        let until = self.immutable_until.map(SystemTime::from);
        Ok(ObjectMeta {
            id: key.clone().into(),
            size,
            modified: self.modified.map(SystemTime::from),
            // Quoted in headers, and not in listings.
            etag: self.etag.map(|etag| etag.trim_matches('"').to_owned()),
            retain_until: until.max(self.legal_hold.then(without_end)),
            excluded: self.excluded,
            delete_marker: false,
        })
    }
}

/// Whether one of the tags takes the backup out of use.
pub(crate) fn excludes(tags: &BlobTags) -> bool {
    let mut tags = tags.blob_tag_set.iter().flatten();
    tags.any(|tag| tag.key.as_deref() == Some(EXCLUDED) && tag.value.as_deref() == Some("true"))
}
