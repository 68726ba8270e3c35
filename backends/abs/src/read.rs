use std::num::NonZero;
use std::ops::Range;

use azure_core::http::headers::{HeaderName, Headers};
use azure_storage_blob::models::{
    BlobClientDownloadOptions, BlobClientDownloadResult, BlobClientGetPropertiesResultHeaders,
    HttpRange,
};
use futures::{Stream, TryStreamExt};
use snapstore::{Bytes, Download, Key, ObjectMeta, Result};
use snapstore_cloud::read::{content_range, exactly};

use crate::client::Client;
use crate::container::Extras;
use crate::error::{from_sdk, status};
use crate::object::{Facts, UPLOAD, excludes};

/// `Range Not Satisfiable`: it begins behind the end.
const BEHIND_THE_END: u16 = 416;

/// No blob is longer (190.7 TiB), and the number stays exact where numbers are floating. As the
/// length of a part it switches the SDK's own parallel download off: one request, one stream.
const BEYOND: usize = 1 << 48;

/// A blob as headers describe it, and the upload that made it.
pub(crate) struct Found {
    pub(crate) meta: ObjectMeta,
    pub(crate) upload: Option<String>,
}

/// What Azure knows of a blob.
pub(crate) async fn look(client: &Client, extras: &Extras, name: &str, key: &Key) -> Result<Found> {
    let failed = |error| from_sdk("head", error).about(key);
    let head = client
        .blob(name)
        .get_properties(None)
        .await
        .map_err(failed)?;
    let tagged = head.tag_count().map_err(failed)?.unwrap_or_default() > 0;
    let facts = Facts {
        size: head.content_length().map_err(failed)?,
        modified: head.last_modified().map_err(failed)?,
        etag: head.etag().map_err(failed)?.map(|etag| etag.to_string()),
        immutable_until: head.immutability_policy_expires_on().map_err(failed)?,
        legal_hold: head.legal_hold().map_err(failed)?.unwrap_or_default(),
        excluded: tagged && excluded(client, extras, name, key).await?,
    };
    Ok(Found {
        meta: facts.describe("head", key)?,
        upload: head.metadata().map_err(failed)?.remove(UPLOAD),
    })
}

async fn excluded(client: &Client, extras: &Extras, name: &str, key: &Key) -> Result<bool> {
    if !extras.tags {
        return Ok(false);
    }
    let failed = |error| from_sdk("head", error).about(key);
    let tags = client.blob(name).get_tags(None).await.map_err(failed)?;
    Ok(excludes(&tags.into_model().map_err(failed)?))
}

/// The bytes `range` of a blob, with what it is; all in one reply.
pub(crate) async fn download(
    client: &Client,
    extras: &Extras,
    name: &str,
    key: &Key,
    range: Option<Range<u64>>,
) -> Result<Download> {
    let asked = range.clone().unwrap_or(0..BEYOND as u64);
    if asked.is_empty() || asked.start >= BEYOND as u64 {
        return nothing(client, extras, name, key, asked.start).await;
    }
    let end = asked.end.min(BEYOND as u64);
    let options = BlobClientDownloadOptions {
        range: Some(HttpRange::from(asked.start..end)),
        parallel: NonZero::new(1),
        partition_size: NonZero::new(BEYOND),
        ..Default::default()
    };
    let reply = match client.blob(name).download(Some(options)).await {
        Err(error) if status(&error) == Some(BEHIND_THE_END) => {
            return nothing(client, extras, name, key, asked.start).await;
        }
        other => other.map_err(|error| from_sdk("get", error).about(key))?,
    };
    let Some((held, size)) = extent(&reply) else {
        return nothing(client, extras, name, key, asked.start).await;
    };
    let properties = &reply.properties;
    let tagged = properties.tag_count.unwrap_or_default() > 0;
    let facts = Facts {
        size: Some(size),
        modified: properties.last_modified,
        etag: properties.etag.as_ref().map(ToString::to_string),
        immutable_until: properties.immutability_policy_expires_on,
        legal_hold: properties.legal_hold.unwrap_or_default(),
        excluded: tagged && excluded(client, extras, name, key).await?,
    };
    let meta = facts.describe("get", key)?;
    // What is sent may be less than what was asked for, never something else.
    let end = asked.end.min(size);
    let range = asked.start.min(end)..end;
    if held.start != range.start {
        return Err(misplaced(key, &range, &held));
    }
    let body = exactly(range.end - range.start, key, pieces(reply));
    Ok(Download { meta, range, body })
}

fn misplaced(key: &Key, asked: &Range<u64>, held: &Range<u64>) -> snapstore::Error {
    let message = format!("the bytes {asked:?} were asked for, and {held:?} came");
    snapstore::Error::new(snapstore::ErrorKind::Corrupt, "get", message).with_key(key)
}

/// Which bytes the reply holds, and of how many; `None` for a range of nothing, which Azurite sends
/// behind the end. An empty blob is sent without a range.
fn extent(reply: &BlobClientDownloadResult) -> Option<(Range<u64>, u64)> {
    let whole = reply.properties.content_length.unwrap_or_default();
    match text(&reply.headers, "content-range") {
        Some(range) => content_range(range),
        None => Some((0..whole, whole)),
    }
}

fn text<'a>(headers: &'a Headers, name: &'static str) -> Option<&'a str> {
    headers.get_optional_str(&HeaderName::from_static(name))
}

/// The download of no bytes, which HTTP cannot ask for.
async fn nothing(
    client: &Client,
    extras: &Extras,
    name: &str,
    key: &Key,
    start: u64,
) -> Result<Download> {
    let meta = look(client, extras, name, key).await?.meta;
    let at = start.min(meta.size);
    let body = exactly(0, key, futures::stream::empty());
    Ok(Download {
        meta,
        range: at..at,
        body,
    })
}

fn pieces(reply: BlobClientDownloadResult) -> impl Stream<Item = Result<Bytes>> + Send {
    reply.body.map_err(|error| from_sdk("get", error))
}
