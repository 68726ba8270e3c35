use std::num::NonZero;
use std::ops::Range;

use azure_core::http::headers::{HeaderName, Headers};
use azure_storage_blob::models::{
    BlobClientDownloadOptions, BlobClientDownloadResult, BlobClientGetPropertiesResultHeaders,
    HttpRange,
};
use futures::{Stream, TryStreamExt};
use snapstore::{Bytes, Download, Key, ObjectMeta, Result};
use snapstore_cloud::http::{is_about_an_object, odd};
use snapstore_cloud::read::{content_range, exactly, nothing};

use crate::bucket::Extras;
use crate::client::Client;
use crate::error::{from_sdk, is_without_reason, status};
use crate::object::{Facts, UPLOAD, excludes};

/// `Range Not Satisfiable`: it begins after the end.
const AFTER_THE_END: u16 = 416;

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
    let head = match client.blob(name).get_properties(None).await {
        Err(error) if is_without_reason(&error) => {
            return Err(failed(why(client, name).await.unwrap_or(error)));
        }
        head => head.map_err(failed)?,
    };
    let tagged = head.tag_count().map_err(failed)?.unwrap_or_default() > 0;
    let facts = Facts {
        size: head.content_length().map_err(failed)?,
        modified: head.last_modified().map_err(failed)?,
        etag: head.etag().map_err(failed)?.map(|etag| etag.to_string()),
        immutable_until: head.immutability_policy_expires_on().map_err(failed)?,
        legal_hold: head.legal_hold().map_err(failed)?.unwrap_or_default(),
        excluded: tagged && excluded(client, extras, name, key).await?,
    };
    is_about_an_object("head", facts.modified.as_ref(), facts.etag.as_ref())?;
    Ok(Found {
        meta: facts.describe("head", key)?,
        upload: head.metadata().map_err(failed)?.remove(UPLOAD),
    })
}

/// What the answer to a head keeps to itself, for want of a body: the same question with a get.
async fn why(client: &Client, name: &str) -> Option<azure_core::Error> {
    let options = BlobClientDownloadOptions {
        range: Some(HttpRange::from(0..1_u64)),
        ..Default::default()
    };
    let asked = client.blob(name).download(Some(options)).await;
    asked.err().filter(|error| status(error) == Some(403))
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
        return none(client, extras, name, key, asked.start).await;
    }
    let end = asked.end.min(BEYOND as u64);
    let options = BlobClientDownloadOptions {
        range: Some(HttpRange::from(asked.start..end)),
        parallel: NonZero::new(1),
        partition_size: NonZero::new(BEYOND),
        ..Default::default()
    };
    let reply = match client.blob(name).download(Some(options)).await {
        Err(error) if status(&error) == Some(AFTER_THE_END) => {
            return none(client, extras, name, key, asked.start).await;
        }
        other => other.map_err(|error| from_sdk("get", error).about(key))?,
    };
    let (held, size) = match extent(&reply)? {
        Extent::Held(held, size) => (held, size),
        Extent::Nothing => return none(client, extras, name, key, asked.start).await,
        // A proxy sends it on in chunks. How long it is, a head knows.
        Extent::Unstated => {
            let size = look(client, extras, name, key).await?.meta.size;
            (0..size, size)
        }
    };
    let tagged = reply.properties.tag_count.unwrap_or_default() > 0;
    let excluded = tagged && excluded(client, extras, name, key).await?;
    let facts = facts(&reply, size, excluded);
    is_about_an_object("get", facts.modified.as_ref(), facts.etag.as_ref())?;
    let meta = facts.describe("get", key)?;
    // All of it, where a server ignores the range: the layer above passes over what it has.
    let body = exactly(held.end - held.start, key, pieces(reply));
    Ok(Download {
        meta,
        range: held,
        body,
    })
}

/// What a reply says of the blob that it is of.
fn facts(reply: &BlobClientDownloadResult, size: u64, excluded: bool) -> Facts {
    let properties = &reply.properties;
    Facts {
        size: Some(size),
        modified: properties.last_modified,
        etag: properties.etag.as_ref().map(ToString::to_string),
        immutable_until: properties.immutability_policy_expires_on,
        legal_hold: properties.legal_hold.unwrap_or_default(),
        excluded,
    }
}

/// What a reply says of its body.
enum Extent {
    /// Which bytes it holds, and of how many.
    Held(Range<u64>, u64),
    /// None: the range began after the end.
    Nothing,
    /// How long it is, it does not say.
    Unstated,
}

/// An empty blob is sent without a range.
///
/// Errors: `Unexpected` and retryable for a range that is unexpected. It was taken for nothing,
/// and the blob for an empty one.
fn extent(reply: &BlobClientDownloadResult) -> Result<Extent> {
    let Some(said) = text(&reply.headers, "content-range") else {
        return Ok(match text(&reply.headers, "content-length") {
            None => Extent::Unstated,
            Some(length) => {
                let length = length.trim().parse();
                let length = length.map_err(|_| odd("get", "its length is no number"))?;
                Extent::Held(0..length, length)
            }
        });
    };
    match content_range(said) {
        Some((held, size)) => Ok(Extent::Held(held, size)),
        None if is_of_nothing(said) => Ok(Extent::Nothing),
        None => Err(odd("get", format!("Content-Range {said:?}"))),
    }
}

/// What Azurite sends for a range after the end: one that ends before it begins.
fn is_of_nothing(said: &str) -> bool {
    let range = said.trim().strip_prefix("bytes ");
    let parts = range.and_then(|range| range.split_once('/')?.0.split_once('-'));
    let number = |text: &str| text.trim().parse::<i64>().ok();
    parts.is_some_and(|(first, last)| match (number(first), number(last)) {
        (Some(first), Some(last)) => last < first,
        _ => false,
    })
}

fn text<'a>(headers: &'a Headers, name: &'static str) -> Option<&'a str> {
    headers.get_optional_str(&HeaderName::from_static(name))
}

/// The download of no bytes, which HTTP cannot ask for.
async fn none(
    client: &Client,
    extras: &Extras,
    name: &str,
    key: &Key,
    start: u64,
) -> Result<Download> {
    let meta = look(client, extras, name, key).await?.meta;
    Ok(nothing(meta, start))
}

fn pieces(reply: BlobClientDownloadResult) -> impl Stream<Item = Result<Bytes>> + Send {
    reply.body.map_err(|error| from_sdk("get", error))
}
