use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use super::reply::{is_xml, text};
use crate::loopback::{Body, BrokenOff};

pub(super) fn reply(document: &impl Serialize) -> Response<Body> {
    let body = Full::new(Bytes::from(text(document))).map_err(BrokenOff::from);
    let mut reply = Response::new(body.boxed_unsync());
    is_xml(&mut reply);
    reply
}

/// What a client has sent.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let text = str::from_utf8(body).map_err(|_| Refusal::malformed_xml())?;
    quick_xml::de::from_str(text).map_err(|_| Refusal::malformed_xml())
}
