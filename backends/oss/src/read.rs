use std::ops::Range;

use http::Method;
use reqwest::header::HeaderMap;
use snapstore::{Download, Error, Key, ObjectMeta, Result};
use snapstore_cloud::http::{extent, is_about_an_object, length, odd, text};
use snapstore_cloud::read::{Ask, download, listed, nothing};
use snapstore_cloud::{Keyspace, from_http_date};

use crate::client::{Call, Client};
use crate::error::{good, says_why};
use crate::list::page;
use crate::retention::Retention;

/// One object, and the rule that protects it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address<'a> {
    pub(crate) name: &'a str,
    pub(crate) key: &'a Key,
    pub(crate) keys: &'a Keyspace,
    pub(crate) retention: Option<Retention>,
}

/// The object's head.
pub(crate) async fn head(
    oss: &Client,
    at: Address<'_>,
    operation: &'static str,
) -> Result<HeaderMap> {
    let reply = oss
        .reply(Call::object(operation, Method::HEAD, at.name))
        .await?;
    let without_reason = matches!(reply.status().as_u16(), 400 | 403) && !says_why(reply.headers());
    match good(operation, reply).await {
        Ok(reply) => Ok(reply.headers().clone()),
        Err(error) if without_reason => Err(why(oss, at, operation).await.unwrap_or(error)),
        Err(error) => Err(error),
    }
}

/// What the answer to a head keeps to itself, where the header is missing that stands for its body: the
/// same question with a get.
async fn why(oss: &Client, at: Address<'_>, operation: &'static str) -> Option<Error> {
    let asked = Call::object(operation, Method::GET, at.name).header("range", "bytes=0-0");
    oss.send(asked).await.err()
}

/// What a head says, in the words of the contract.
pub(crate) fn described(headers: &HeaderMap, at: Address<'_>, size: u64) -> Result<ObjectMeta> {
    let modified = text(headers, "last-modified").and_then(from_http_date);
    let etag = text(headers, "etag");
    is_about_an_object("head", modified.as_ref(), etag.as_ref())?;
    Ok(ObjectMeta {
        id: at.key.clone().into(),
        size,
        modified,
        etag: etag.map(str::to_owned),
        retain_until: Retention::until(at.retention, modified, || {
            odd("head", "it has no date that can be read")
        })?,
        excluded: false,
        delete_marker: false,
    })
}

/// The bytes of `range`, or all.
pub(crate) async fn get(
    oss: &Client,
    at: Address<'_>,
    range: Option<Range<u64>>,
) -> Result<Download> {
    let mut call = Call::object("get", Method::GET, at.name);
    match Ask::of(range.as_ref()) {
        Ask::Whole => {}
        // Without this, OSS answers to a range beyond the end with the whole object.
        Ask::Bytes(header) => {
            call = call
                .header("range", header)
                .header("x-oss-range-behavior", "standard");
        }
        Ask::Nothing => return none(oss, at, range).await,
    }
    let reply = oss.reply(call).await?;
    // The range begins at the object's end or after it.
    if reply.status().as_u16() == 416 {
        return none(oss, at, range).await;
    }
    let reply = good("get", reply).await?;
    match extent(reply.headers())? {
        Some((range, size)) => {
            let meta = described(reply.headers(), at, size)?;
            Ok(download(reply, meta, range))
        }
        // A proxy sends it on in chunks. How long it is, the listing knows.
        None => {
            let list = |request| async move { page(oss, at.keys, at.retention, &request).await };
            let size = listed(at.key, list).await?.size;
            let meta = described(reply.headers(), at, size)?;
            Ok(download(reply, meta, 0..size))
        }
    }
}

/// No bytes of an object that is there.
async fn none(oss: &Client, at: Address<'_>, range: Option<Range<u64>>) -> Result<Download> {
    let headers = head(oss, at, "get").await?;
    let meta = described(&headers, at, length(&headers)?)?;
    Ok(nothing(meta, range.map_or(0, |range| range.start)))
}
