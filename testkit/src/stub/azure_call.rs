//! A request to Azure as it came, and how it is answered what an object's state is.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::{HeaderMap, Method};

use super::shelf::{Condition, Held};

/// A request, taken apart.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) container: String,
    /// Empty for the container.
    pub(super) blob: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `If-None-Match: *`, the one condition that backups need.
    pub(super) fn condition(&self) -> Condition {
        match self.header("if-none-match") {
            Some("*") => Condition::Absent,
            _ => Condition::None,
        }
    }

    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        let pairs = self.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-ms-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        pairs.collect()
    }
}

/// As it stands in headers.
pub(super) fn etag(held: &Held) -> String {
    format!("\"0x{:X}\"", held.generation)
}
