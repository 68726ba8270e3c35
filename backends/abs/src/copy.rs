//! Copies that Azure makes by itself ("Copy Blob"), within one account.
//!
//! Within an account it is done when Azure answers, as a rule. Where it is not, the name is taken and the blob is without
//! content until it is done; a copy that fails is removed.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::Etag;
use azure_storage_blob::models::{
    BlobClientGetPropertiesResultHeaders, BlobClientStartCopyFromUrlOptions,
    BlobClientStartCopyFromUrlResultHeaders, CopyStatus,
};
use snapstore::clock::{Clock, SystemClock};
use snapstore::{Copied, Error, ErrorKind, Key, Original, PutMode, Result, SameContent};
use snapstore_cloud::http::odd;
use snapstore_cloud::{Keyspace, nonce};

use crate::bucket::Bucket;
use crate::client::Client;
use crate::error::from_sdk;
use crate::object::UPLOAD;
use crate::read::look;

/// How often a copy is looked at that is not done yet.
const EVERY: Duration = Duration::from_millis(500);

/// Makes `key` of the original.
pub(crate) async fn copy(
    bucket: &Arc<Bucket>,
    original: &Original,
    key: &Key,
    mode: PutMode,
) -> Result<Copied> {
    let name = bucket.keys.name(key);
    let copy = async |client: Arc<Client>| {
        start(&client, original, &name, mode).await?;
        done(&client, &name).await
    };
    bucket.client.call(Some(key), copy).await?;
    let look = async |client: Arc<Client>| look(&client, &bucket.extras, &name, key).await;
    Ok(Copied {
        meta: bucket.client.call(Some(key), look).await?.meta,
        // The MD5 that Azure tells of a blob is what its writer has said of it, and is copied too.
        content: SameContent::Unknown,
    })
}

async fn start(client: &Client, original: &Original, name: &str, mode: PutMode) -> Result<()> {
    let object = &original.object;
    let of = Keyspace::of(&original.location).name(&object.id.key);
    let source = client.address_of(&original.location.bucket, &of);
    let etag = object.etag.as_deref();
    let etag = etag.ok_or_else(|| odd("copy", "the original has no etag"))?;
    let options = BlobClientStartCopyFromUrlOptions {
        // With metadata of its own it does not get that of the original, which says what upload made that.
        metadata: Some([(UPLOAD.to_owned(), nonce())].into()),
        if_none_match: (mode == PutMode::CreateNew).then(|| "*".into()),
        source_if_match: Some(Etag::from(format!("\"{etag}\""))),
        ..Default::default()
    };
    let blob = client.blob(name);
    let started = blob.start_copy_from_url(source.into(), Some(options));
    let started = started.await.map_err(|error| from_sdk("copy", error))?;
    let status = started.copy_status();
    match status.map_err(|error| from_sdk("copy", error))? {
        Some(CopyStatus::Success | CopyStatus::Pending) => Ok(()),
        other => Err(odd("copy", format!("x-ms-copy-status {other:?}"))),
    }
}

/// Waits for its end.
async fn done(client: &Client, name: &str) -> Result<()> {
    let failed = |error| from_sdk("copy", error);
    loop {
        let head = client.blob(name).get_properties(None).await;
        let head = head.map_err(failed)?;
        match head.copy_status().map_err(failed)? {
            Some(CopyStatus::Success) => return Ok(()),
            Some(CopyStatus::Pending) => SystemClock.sleep(EVERY).await,
            Some(CopyStatus::Failed | CopyStatus::Aborted) => {
                let why = head.copy_status_description().map_err(failed)?;
                let removed = client.blob(name).delete(None).await;
                removed.map_err(failed)?;
                let message = format!("Azure gave it up: {}", why.unwrap_or_default());
                return Err(Error::new(ErrorKind::Unexpected, "copy", message));
            }
            None => return Err(odd("copy", "the blob is not the copy that was begun")),
        }
    }
}
