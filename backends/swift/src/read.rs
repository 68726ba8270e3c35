use std::ops::Range;
use std::time::{Duration, SystemTime};

use futures::StreamExt;
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use snapstore::{Download, Error, ErrorKind, Key, ObjectMeta, Result};
use snapstore_cloud::http::{broken, extent, is_about_an_object, length, text};
use snapstore_cloud::read::{Ask, exactly, listed};
use snapstore_cloud::{Keyspace, from_http_date};

use crate::client::{Swift, reply, send};
use crate::error::good;
use crate::list::page;

/// On a manifest of ours: how long the whole is. Swift finds the parts by a listing, which may be
/// behind; what is missing then is noticed by this.
pub(crate) const WHOLE: &str = "x-object-meta-etcdbr-size";

/// Names the parts of a large object.
pub(crate) const MANIFEST: &str = "x-object-manifest";

/// One name in a container.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address<'a> {
    pub(crate) container: &'a str,
    pub(crate) name: &'a str,
    pub(crate) key: &'a Key,
    pub(crate) keys: &'a Keyspace,
}

/// The object's head.
pub(crate) async fn head(
    swift: &Swift,
    at: Address<'_>,
    operation: &'static str,
) -> Result<HeaderMap> {
    let request = swift.request(operation, Method::HEAD, at.container, at.name)?;
    Ok(send(operation, request).await?.headers().clone())
}

/// What a head says, in the words of the contract.
pub(crate) fn described(headers: &HeaderMap, key: &Key, size: u64) -> Result<ObjectMeta> {
    if let Some(whole) = whole(headers).filter(|whole| *whole != size) {
        let message = format!(
            "{size} of its {whole} bytes are there: Swift does not see all of its parts yet"
        );
        let error = Error::new(ErrorKind::Unexpected, "head", message);
        return Err(error.with_key(key).retryable());
    }
    let (modified, etag) = (modified(headers), text(headers, "etag"));
    is_about_an_object("head", modified.as_ref(), etag.as_ref())?;
    Ok(ObjectMeta {
        id: key.clone().into(),
        size,
        modified,
        etag: etag.map(|etag| etag.trim_matches('"').to_owned()),
        retain_until: None,
        excluded: false,
        delete_marker: false,
    })
}

/// How long an object of ours that has parts is when all of them are seen.
pub(crate) fn whole(headers: &HeaderMap) -> Option<u64> {
    text(headers, WHOLE).and_then(|whole| whole.parse().ok())
}

/// `X-Timestamp` is when it was written; `Last-Modified` is that, rounded up to a second.
fn modified(headers: &HeaderMap) -> Option<SystemTime> {
    let stamp = text(headers, "x-timestamp").and_then(|stamp| stamp.parse().ok());
    let stamp = stamp.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match stamp {
        Some(since) => SystemTime::UNIX_EPOCH.checked_add(since),
        None => from_http_date(text(headers, "last-modified")?),
    }
}

/// The bytes of `range`, or all.
pub(crate) async fn get(
    swift: &Swift,
    at: Address<'_>,
    range: Option<Range<u64>>,
) -> Result<Download> {
    let mut request = swift.request("get", Method::GET, at.container, at.name)?;
    match Ask::of(range.as_ref()) {
        Ask::Whole => {}
        Ask::Bytes(header) => request = request.header("range", header),
        Ask::Nothing => return nothing(swift, at, range).await,
    }
    let answer = reply("get", request).await?;
    // The range begins at the object's end or behind it.
    if answer.status().as_u16() == 416 {
        return nothing(swift, at, range).await;
    }
    let answer = good("get", answer).await?;
    match extent(answer.headers())? {
        Some((range, size)) => {
            let meta = described(answer.headers(), at.key, size)?;
            Ok(download(answer, at.key, meta, range))
        }
        // A proxy sends it on in chunks. How long it is, the listing knows.
        None => {
            let list = |request| async move { page(swift, at.container, at.keys, &request).await };
            let size = listed(at.key, list).await?.size;
            let meta = described(answer.headers(), at.key, size)?;
            Ok(download(answer, at.key, meta, 0..size))
        }
    }
}

/// No bytes of an object that is there.
async fn nothing(swift: &Swift, at: Address<'_>, range: Option<Range<u64>>) -> Result<Download> {
    let headers = head(swift, at, "get").await?;
    let meta = described(&headers, at.key, length(&headers)?)?;
    let start = range.map_or(0, |range| range.start).min(meta.size);
    Ok(Download {
        meta,
        range: start..start,
        body: Box::pin(futures::stream::empty()),
    })
}

fn download(reply: Response, key: &Key, meta: ObjectMeta, range: Range<u64>) -> Download {
    let pieces = reply.bytes_stream();
    let pieces = pieces.map(|piece| piece.map_err(|error| broken("get", error)));
    let length = range.end - range.start;
    Download {
        meta,
        range,
        body: exactly(length, key, pieces),
    }
}
