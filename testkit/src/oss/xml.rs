use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::loopback::{Body, BrokenOff};

/// A document; its root is named as the type is.
pub(super) fn text(document: &impl Serialize) -> String {
    // It fails for maps and the like, of which there are none here.
    let text = quick_xml::se::to_string(document).unwrap_or_default();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}")
}

pub(super) fn reply(document: &impl Serialize) -> Response<Body> {
    let body = Full::new(Bytes::from(text(document))).map_err(BrokenOff::from);
    let mut reply = Response::new(body.boxed_unsync());
    is_in(&mut reply);
    reply
}

/// Says that XML is in it.
pub(super) fn is_in(reply: &mut Response<Body>) {
    let xml = HeaderValue::from_static("application/xml");
    reply.headers_mut().insert(CONTENT_TYPE, xml);
}

/// What a client has sent.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let text = str::from_utf8(body).map_err(|_| Refusal::malformed_xml())?;
    quick_xml::de::from_str(text).map_err(|_| Refusal::malformed_xml())
}
