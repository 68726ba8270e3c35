use std::sync::atomic::Ordering;
use std::time::SystemTime;

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use snapstore::{Key, ListPage, ListRequest, ObjectMeta, PageToken, Result, excerpt, printable};
use snapstore_cloud::http::{absent, broken, length, odd};
use snapstore_cloud::{Keyspace, from_rfc3339};

use crate::client::{Client, reply};
use crate::error::good;
use crate::layout::is_part;
use crate::object::{Address, described, head, whole};

/// Heads asked for at once.
const HEADS: usize = 8;

/// One line of a listing.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) bytes: Option<u64>,
    /// MD5, in hexadecimal.
    pub(crate) hash: Option<String>,
    last_modified: Option<String>,
}

impl Entry {
    /// When it was written. Swift's times are UTC and leave that out.
    pub(crate) fn modified(&self) -> Option<SystemTime> {
        let time = self.last_modified.as_deref()?;
        from_rfc3339(&format!("{}Z", time.trim_end_matches('Z')))
    }

    /// What the line says. A time is left out where it cannot be read: nothing needs it.
    fn as_it_is(&self, key: Key) -> Result<ObjectMeta> {
        let missing = |what: &str| {
            let what = format!("of one line, {what} is missing or cannot be read");
            odd("list", what).with_key(&key)
        };
        Ok(ObjectMeta {
            size: self.bytes.ok_or_else(|| missing("the length"))?,
            modified: self.modified(),
            etag: self.hash.clone(),
            retain_until: None,
            excluded: false,
            delete_marker: false,
            id: key.into(),
        })
    }
}

/// The names that begin with `prefix`, after `marker`. Only a page without any is the end: what is
/// shorter than asked for may go on (Ceph's gateway gives fewer).
///
/// Errors: `Unexpected` and retryable for a name that does not begin with `prefix`.
pub(crate) async fn entries(
    swift: &Client,
    operation: &'static str,
    container: &str,
    prefix: &str,
    marker: &str,
) -> Result<Vec<Entry>> {
    let mut limit = swift.page.load(Ordering::Relaxed);
    let found = loop {
        match some(swift, operation, container, (prefix, marker), limit).await? {
            Some(found) => break found,
            // More than this server gives (`container_listing_limit`): fewer then, from now on.
            None => limit /= 2,
        }
        swift.page.store(limit, Ordering::Relaxed);
    };
    let asked_for = |entry: &&Entry| !entry.name.starts_with(prefix);
    if let Some(unexpected) = found.iter().find(asked_for) {
        let name = printable(&unexpected.name);
        let what = format!("it lists \"{name}\", which does not begin with {prefix:?}");
        return Err(odd(operation, what));
    }
    Ok(found)
}

/// At most `limit` names; `None` if that is more than the server gives at once.
async fn some(
    swift: &Client,
    operation: &'static str,
    container: &str,
    (prefix, marker): (&str, &str),
    limit: usize,
) -> Result<Option<Vec<Entry>>> {
    let most = limit.to_string();
    let request = swift
        .request(operation, Method::GET, container, "")?
        .query(&[
            ("format", "json"),
            ("prefix", prefix),
            ("marker", marker),
            ("limit", &most),
        ]);
    let answer = reply(operation, request).await?;
    if answer.status() == StatusCode::PRECONDITION_FAILED && limit > 1 {
        return Ok(None);
    }
    let answer = good(operation, answer).await?;
    let nothing = answer.status() == StatusCode::NO_CONTENT;
    let body = answer.bytes().await;
    let body = body.map_err(|error| broken(operation, error))?;
    if nothing && body.is_empty() {
        return Ok(Some(Vec::new()));
    }
    understood(operation, &body).map(Some)
}

/// A listing is an array, of which each line has a name.
fn understood(operation: &'static str, body: &[u8]) -> Result<Vec<Entry>> {
    serde_json::from_slice(body).map_err(|error| {
        let error = printable(&error.to_string());
        let what = format!("no listing: {error}; it was {}", excerpt(body));
        odd(operation, what)
    })
}

/// One page of objects, without the parts of any.
pub(crate) async fn page(
    swift: &Client,
    container: &str,
    keys: &Keyspace,
    request: &ListRequest,
) -> Result<ListPage> {
    let marker = request.page.as_ref().map_or("", |page| page.0.as_str());
    let prefix = keys.under(&request.prefix);
    let found = entries(swift, "list", container, &prefix, marker).await?;
    let next = found.last().map(|last| PageToken(last.name.clone()));
    let mut objects = Vec::new();
    for entry in found.iter().filter(|entry| !is_part(&entry.name)) {
        if let Some(key) = keys.entry("list", &prefix, &entry.name)? {
            objects.push(object(swift, container, (keys, key), entry));
        }
    }
    let objects = stream::iter(objects)
        .buffered(HEADS)
        .try_collect::<Vec<_>>();
    Ok(ListPage {
        objects: objects.await?,
        next,
    })
}

/// What a line says. One of no bytes may be a manifest, whose length only its head knows.
async fn object(
    swift: &Client,
    container: &str,
    (keys, key): (&Keyspace, Key),
    entry: &Entry,
) -> Result<ObjectMeta> {
    if entry.bytes != Some(0) {
        return entry.as_it_is(key);
    }
    let at = Address {
        container,
        name: &entry.name,
        key: &key,
        keys,
    };
    // Gone since the listing was made, or on a node that has not heard of it. Who reads it is told.
    let Some(headers) = absent(head(swift, at, "list").await)? else {
        return entry.as_it_is(key);
    };
    // As long as it was when it was made, though Swift may not see all of its parts yet: who reads it
    // is told so. To leave it out would be to say that there is no such backup.
    let size = whole(&headers).map_or_else(|| length(&headers), Ok)?;
    described(&headers, &key, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of a proxy and an empty body are no listing, and not an empty one either.
    #[test]
    fn what_is_no_listing_is_told() {
        assert!(understood("list", b"[]").unwrap().is_empty());
        for body in [
            "",
            "{}",
            "<html>maintenance</html>",
            "[{\"name\": \"a\"",
            "[{}]",
            "null",
        ] {
            let error = understood("list", body.as_bytes()).unwrap_err();
            assert!(error.is_retryable(), "{error}");
            assert!(
                error.to_string().contains(&excerpt(body.as_bytes())),
                "{error}"
            );
        }
    }
}
