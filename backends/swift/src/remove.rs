//! What goes with an object: its parts, if it has some.

use reqwest::header::HeaderMap;
use snapstore::Result;
use snapstore_cloud::http::{absent, text};

use crate::bucket::Bucket;
use crate::client::Client;
use crate::layout::parts_of_manifest;
use crate::object::{Address, MANIFEST, head};
use crate::parts;

/// Removes an object and the parts it has: the object first, so that nobody sees it half.
pub(crate) async fn object(bucket: &Bucket, swift: &Client, at: Address<'_>) -> Result<()> {
    if let Some(headers) = absent(head(swift, at, "delete").await)? {
        note_for_deletion(bucket, swift, "delete", at.name, &headers).await?;
        parts::remove(swift, "delete", at.container, at.name).await?;
    }
    let pending_deletions = &bucket.pending_deletions;
    pending_deletions
        .remove(swift, "delete", at.container, at.name)
        .await
}

/// Notes the parts of the object at `name`, whose head this is, before it goes. Those of the
/// reference are found in the same way.
pub(crate) async fn note_for_deletion(
    bucket: &Bucket,
    swift: &Client,
    operation: &'static str,
    name: &str,
    headers: &HeaderMap,
) -> Result<()> {
    let container = &bucket.name;
    let named = text(headers, MANIFEST);
    if let Some(named) = named.and_then(|manifest| parts_of_manifest(container, manifest)) {
        let found = parts::below(swift, operation, container, &named).await?;
        let found = found.into_iter().map(|part| part.name);
        bucket.pending_deletions.note(name, found);
    }
    Ok(())
}
