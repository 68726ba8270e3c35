use std::ops::Range;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::loopback::{Body, BrokenOff};

/// A reply with headers that are known to be well-formed; others are left out.
pub(super) fn reply(
    status: u16,
    headers: &[(&str, String)],
    body: impl Into<Bytes>,
) -> Response<Body> {
    let body = Full::new(body.into()).map_err(BrokenOff::from);
    let mut reply = Response::new(body.boxed_unsync());
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

/// What `Range: bytes=...` asks for of so many bytes, as RFC 9110 has it: cut at the end. An error
/// when nothing is left.
pub(super) fn range(header: Option<&str>, size: u64) -> Result<Option<Range<usize>>, ()> {
    let bounds = header.and_then(|header| header.strip_prefix("bytes=")?.split_once('-'));
    let Some((first, last)) = bounds else {
        return Ok(None);
    };
    let first: u64 = first.parse().map_err(drop)?;
    let last = last
        .parse()
        .map_or(size, |last: u64| last.saturating_add(1));
    let range = first..last.min(size);
    if range.is_empty() {
        return Err(());
    }
    let at = |at: u64| usize::try_from(at).map_err(drop);
    Ok(Some(at(range.start)?..at(range.end)?))
}
