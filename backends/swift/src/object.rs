//! What Swift says of one object.

use std::time::{Duration, SystemTime};

use reqwest::Method;
use reqwest::header::HeaderMap;
use snapstore::{Error, ErrorKind, Key, ObjectMeta, Result};
use snapstore_cloud::http::{is_about_an_object, text};
use snapstore_cloud::{Keyspace, from_http_date};

use crate::client::{Client, send};

/// The metadata that says which upload a part or a manifest came from.
pub(crate) const MARK: &str = "x-object-meta-etcdbr-upload";

/// On a manifest of ours: how long the whole is. Swift finds the parts by a listing, which may be
/// after; what is missing then is noticed by this.
pub(crate) const WHOLE: &str = "x-object-meta-etcdbr-size";

/// Names the parts of a large object.
pub(crate) const MANIFEST: &str = "x-object-manifest";

/// Names the object that is copied: container and name.
pub(crate) const FROM: &str = "x-copy-from";

/// That the copy has no metadata of the original, which says what upload made that.
pub(crate) const FRESH: &str = "x-fresh-metadata";

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
    swift: &Client,
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
