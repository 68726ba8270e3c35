//! Parts that OSS makes of objects that it has ("UploadPartCopy", OSS API reference).

use hyper::Response;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::asked::Asked;
use super::bucket::World;
use super::content::Content;
use super::range;
use super::refusal::Refusal;
use super::time::{now, stamp};
use super::xml;
use crate::loopback::Body;

/// Names the object: `/bucket/key`.
const SOURCE: &str = "x-oss-copy-source";

pub(super) fn is_asked_for(asked: &Asked) -> bool {
    asked.headers.contains_key(SOURCE)
}

/// The bytes of which the part is made.
pub(super) fn content(asked: &Asked, world: &mut World) -> Result<Content, Refusal> {
    let wrong = || Refusal::argument(format!("{SOURCE} names no object"));
    let named = asked
        .header(SOURCE)
        .and_then(|named| named.strip_prefix('/'));
    let named = percent_decode_str(named.ok_or_else(wrong)?).decode_utf8();
    let named = named.map_err(|_| wrong())?;
    let (bucket, key) = named.split_once('/').ok_or_else(wrong)?;
    let object = world.bucket(bucket)?.object(key)?;
    let wanted = asked.header("x-oss-copy-source-if-match");
    if wanted.is_some_and(|wanted| wanted.trim_matches('"') != object.etag) {
        let message = "At least one of the pre-conditions you specified did not hold.";
        return Err(Refusal::new(412, "PreconditionFailed", message));
    }
    let size = object.content.size;
    let bytes = asked.header("x-oss-copy-source-range");
    let range = range::asked_for(bytes, Some("standard"), size)?;
    Ok(object.content.part(range.unwrap_or(0..size)))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CopyPartResult {
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: String,
}

/// What is said of a part that was made so, where one that was sent gets `reply`.
pub(super) fn reply(reply: &Response<Body>) -> Response<Body> {
    let etag = reply.headers().get("etag");
    let etag = etag.and_then(|etag| etag.to_str().ok());
    xml::reply(&CopyPartResult {
        last_modified: stamp(now()),
        etag: etag.unwrap_or_default().to_owned(),
    })
}
