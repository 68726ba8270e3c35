//! The objects of a bucket, page by page.

use std::collections::BTreeSet;

use hyper::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::asked::Asked;
use super::bucket::Bucket;
use super::refusal::Refusal;
use super::time::stamp;
use super::xml;
use crate::loopback::Body;

/// What `encoding-type=url` leaves as it is.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'/');

const MOST: u32 = 1000;

/// A key in a listing: encoded when the client has asked for it, since XML cannot hold every key.
pub(super) fn spelled(asked: &Asked, key: &str) -> String {
    match asked.parameter("encoding-type") {
        Some("url") => utf8_percent_encode(key, KEY).to_string(),
        _ => key.to_owned(),
    }
}

/// How many a page holds.
pub(super) fn page(asked: &Asked, name: &str, usual: u32) -> Result<usize, Refusal> {
    match asked.number(name)?.unwrap_or(usual) {
        most @ 1..=MOST => Ok(most as usize),
        _ => Err(Refusal::argument(format!(
            "{name} must be between 1 and {MOST}"
        ))),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListBucketResult {
    name: String,
    prefix: String,
    max_keys: usize,
    delimiter: String,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_count: Option<usize>,
    contents: Vec<Contents>,
    common_prefixes: Vec<CommonPrefixes>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    key: String,
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: String,
    r#type: &'static str,
    size: u64,
    storage_class: &'static str,
    owner: Owner,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Owner {
    #[serde(rename = "ID")]
    id: &'static str,
    display_name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CommonPrefixes {
    prefix: String,
}

/// One page: what it shows, and whether more follows.
#[derive(Default)]
struct Page {
    contents: Vec<Contents>,
    prefixes: BTreeSet<String>,
    /// The last key or prefix that is shown.
    last: Option<String>,
    is_truncated: bool,
}

impl Page {
    /// At most `max_keys` keys and prefixes after `after`.
    fn of(
        asked: &Asked,
        bucket: &Bucket,
        (prefix, delimiter): (&str, &str),
        after: &str,
        max_keys: usize,
    ) -> Self {
        let mut page = Self::default();
        for (key, object) in &bucket.objects {
            let Some(rest) = key.strip_prefix(prefix) else {
                continue;
            };
            let cut = rest.find(delimiter).filter(|_| !delimiter.is_empty());
            let shown = cut.map_or(key.as_str(), |at| {
                &key[..prefix.len() + at + delimiter.len()]
            });
            if shown <= after || page.prefixes.contains(shown) {
                continue;
            }
            if page.contents.len() + page.prefixes.len() == max_keys {
                page.is_truncated = true;
                break;
            }
            page.last = Some(shown.to_owned());
            if cut.is_some() {
                page.prefixes.insert(shown.to_owned());
                continue;
            }
            page.contents.push(Contents {
                key: spelled(asked, key),
                last_modified: stamp(object.modified),
                etag: format!("\"{}\"", object.etag),
                r#type: object.kind,
                size: object.content.size,
                storage_class: "Standard",
                owner: Owner {
                    id: "1",
                    display_name: "etcdbr",
                },
            });
        }
        page
    }
}

/// Both versions of the call: they differ in the names of where a page begins and ends.
pub(super) fn objects(asked: &Asked, bucket: &Bucket) -> Result<Response<Body>, Refusal> {
    let second = asked.parameter("list-type") == Some("2");
    let parameter = |name| asked.parameter(name).unwrap_or_default();
    let (prefix, delimiter) = (parameter("prefix"), parameter("delimiter"));
    let max_keys = page(asked, "max-keys", 100)?;
    let after = match (second, asked.filled("continuation-token")) {
        (false, _) => parameter("marker").to_owned(),
        (true, None) => parameter("start-after").to_owned(),
        (true, Some(token)) => from_token(token)?,
    };
    let Page {
        contents,
        prefixes,
        last,
        is_truncated,
    } = Page::of(asked, bucket, (prefix, delimiter), &after, max_keys);
    let next = last.filter(|_| is_truncated);
    let (first, next) = (next.clone().filter(|_| !second), next.filter(|_| second));
    Ok(xml::reply(&ListBucketResult {
        name: asked.bucket.clone(),
        prefix: spelled(asked, prefix),
        max_keys,
        delimiter: spelled(asked, delimiter),
        is_truncated,
        encoding_type: asked.parameter("encoding-type").map(str::to_owned),
        marker: (!second).then(|| spelled(asked, &after)),
        next_marker: first.map(|next| spelled(asked, &next)),
        next_continuation_token: next.map(to_token),
        key_count: second.then_some(contents.len() + prefixes.len()),
        contents,
        common_prefixes: prefixes
            .into_iter()
            .map(|prefix| CommonPrefixes {
                prefix: spelled(asked, &prefix),
            })
            .collect(),
    }))
}

/// Clients must not see into it.
fn to_token(key: String) -> String {
    base64_simd::STANDARD.encode_to_string(key)
}

fn from_token(token: &str) -> Result<String, Refusal> {
    let key = base64_simd::STANDARD.decode_to_vec(token).ok();
    let key = key.and_then(|key| String::from_utf8(key).ok());
    key.ok_or_else(|| Refusal::argument("The continuation token is invalid.".to_owned()))
}
