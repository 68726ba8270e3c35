use std::time::SystemTime;

use futures::{StreamExt, TryStreamExt, stream};
use reqwest_012::Method;
use serde::Deserialize;
use snapstore::{ErrorKind, Key, ListPage, ListRequest, ObjectMeta, PageToken, Result};
use snapstore_cloud::http::{absent, length, odd};
use snapstore_cloud::{Keyspace, from_rfc3339};

use crate::client::{Swift, send};
use crate::layout::is_part;
use crate::read::{Address, described, head};

/// Names in one answer; Swift gives up to 10,000.
const PAGE: usize = 1000;

/// Heads asked for at once.
const HEADS: usize = 8;

/// One line of a listing.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    bytes: u64,
    /// MD5, in hexadecimal.
    pub(crate) hash: String,
    last_modified: String,
}

impl Entry {
    /// When it was written. Swift's times are UTC and leave that out.
    pub(crate) fn modified(&self) -> Option<SystemTime> {
        from_rfc3339(&format!("{}Z", self.last_modified.trim_end_matches('Z')))
    }
}

/// The names that begin with `prefix`, after `marker`; fewer than asked for means the end.
pub(crate) async fn entries(
    swift: &Swift,
    operation: &'static str,
    container: &str,
    prefix: &str,
    marker: &str,
) -> Result<Vec<Entry>> {
    let limit = PAGE.to_string();
    let request = swift
        .request(operation, Method::GET, container, "")?
        .query(&[
            ("format", "json"),
            ("prefix", prefix),
            ("marker", marker),
            ("limit", &limit),
        ]);
    let reply = send(operation, request).await?;
    let body = reply
        .bytes()
        .await
        .map_err(|error| crate::error::broken(operation, error))?;
    serde_json::from_slice(&body).map_err(|error| odd(operation, format!("a listing: {error}")))
}

/// Whether `entries` was a full page, behind which there may be more.
pub(crate) fn is_full(entries: &[Entry]) -> bool {
    entries.len() >= PAGE
}

/// One page of objects, without the parts of any.
pub(crate) async fn page(
    swift: &Swift,
    container: &str,
    keys: &Keyspace,
    request: &ListRequest,
) -> Result<ListPage> {
    let marker = request.page.as_ref().map_or("", |page| page.0.as_str());
    let prefix = keys.under(&request.prefix);
    let found = entries(swift, "list", container, &prefix, marker).await?;
    let next = found.last().filter(|_| is_full(&found));
    let next = next.map(|last| PageToken(last.name.clone()));
    let own = found.iter().filter(|entry| !is_part(&entry.name));
    let objects: Vec<_> = own
        .filter_map(|entry| Some(object(swift, container, keys.key(&entry.name)?, entry)))
        .collect();
    let objects = stream::iter(objects)
        .buffered(HEADS)
        .try_collect::<Vec<_>>();
    let objects = objects.await?.into_iter().flatten().collect();
    Ok(ListPage { objects, next })
}

/// What a line says. One of no bytes may be a manifest, whose length only its head knows.
async fn object(
    swift: &Swift,
    container: &str,
    key: Key,
    entry: &Entry,
) -> Result<Option<ObjectMeta>> {
    if entry.bytes > 0 {
        return Ok(Some(ObjectMeta {
            size: entry.bytes,
            modified: entry
                .modified()
                .ok_or_else(|| odd("list", "a line has no date"))?,
            etag: Some(entry.hash.clone()),
            retain_until: None,
            excluded: false,
            delete_marker: false,
            id: key.into(),
        }));
    }
    let at = Address {
        container,
        name: &entry.name,
        key: &key,
    };
    // Gone since the listing was made: then it is not there.
    let Some(headers) = absent(head(swift, at, "list").await)? else {
        return Ok(None);
    };
    match described(&headers, &key, length(&headers)?) {
        // Not whole, so not listed; the others are.
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            tracing::warn!("left out of the listing: {error}");
            Ok(None)
        }
        other => other.map(Some),
    }
}
