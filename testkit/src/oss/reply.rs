//! What replies are made of.

use http_body_util::{BodyExt, Empty};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::loopback::{Body, BrokenOff};

/// A reply without a body.
pub(super) fn empty(status: u16) -> Response<Body> {
    let body = Empty::new().map_err(BrokenOff::from).boxed_unsync();
    let mut reply = Response::new(body);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    reply
}

/// Sets a header to a text that it can hold.
pub(super) fn set(reply: &mut Response<Body>, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    // Metadata is any bytes; what was sent is sent back.
    let value = HeaderValue::from_bytes(value.as_bytes());
    if let (Ok(name), Ok(value)) = (name, value) {
        reply.headers_mut().insert(name, value);
    }
}

/// A document; its root is named as the type is.
pub(super) fn text(document: &impl Serialize) -> String {
    // It fails for maps and the like, of which there are none here.
    let text = quick_xml::se::to_string(document).unwrap_or_default();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}")
}

/// Says that XML is in it.
pub(super) fn is_xml(reply: &mut Response<Body>) {
    let xml = HeaderValue::from_static("application/xml");
    reply.headers_mut().insert(CONTENT_TYPE, xml);
}
