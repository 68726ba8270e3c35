//! A request to Google as it came, and what every answer is made of.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use hyper::{Method, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::reply::reply;
use super::shelf::Condition;
use crate::loopback::Body;

/// A request, taken apart.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Decoded, without the slash in front.
    pub(super) path: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: hyper::HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `ifGenerationMatch`; 0 is for nothing at all.
    pub(super) fn condition(&self) -> Condition {
        match self.parameter("ifGenerationMatch").parse() {
            Err(_) => Condition::None,
            Ok(0) => Condition::Absent,
            Ok(generation) => Condition::Is(generation),
        }
    }
}

/// The document `body`.
pub(super) fn found(body: &Value) -> Response<Body> {
    let json = ("content-type", "application/json; charset=UTF-8".to_owned());
    reply(200, &[json], body.to_string())
}

/// A time as it stands in JSON.
pub(super) fn stamp(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
