//! The blobs of a container, page by page:
//! <https://learn.microsoft.com/en-us/rest/api/storageservices/list-blobs>.

use hyper::Response;
use serde::Serialize;

use super::azure_call::{Call, etag};
use super::reply::reply;
use super::shelf::{Held, Shelf};
use crate::loopback::Body;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EnumerationResults<'a> {
    #[serde(rename = "@ContainerName")]
    container_name: &'a str,
    prefix: &'a str,
    blobs: Blobs<'a>,
    next_marker: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Blobs<'a> {
    blob: Vec<Blob<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Blob<'a> {
    name: &'a str,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "Creation-Time")]
    creation_time: String,
    #[serde(rename = "Last-Modified")]
    last_modified: String,
    etag: String,
    #[serde(rename = "Content-Length")]
    content_length: usize,
    #[serde(rename = "Content-Type")]
    content_type: &'static str,
    blob_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    immutability_policy_until_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    immutability_policy_mode: Option<&'static str>,
}

pub(super) fn page(call: &Call, shelf: &Shelf) -> Response<Body> {
    let (prefix, after) = (call.parameter("prefix"), call.parameter("marker"));
    let most = call.parameter("maxresults").parse().unwrap_or(5000);
    let mut rest = shelf
        .objects
        .iter()
        .filter(|(name, _)| name.starts_with(prefix) && name.as_str() > after)
        .peekable();
    // Azure tells of the policy only those who ask for it.
    let policy = call
        .parameter("include")
        .split(',')
        .any(|one| one == "immutabilitypolicy");
    let blob: Vec<_> = rest
        .by_ref()
        .take(most)
        .map(|(name, held)| Blob {
            name,
            properties: properties(held, Some(shelf).filter(|_| policy)),
        })
        .collect();
    let last = blob.last().map_or("", |blob| blob.name);
    let body = quick_xml::se::to_string(&EnumerationResults {
        container_name: &call.container,
        prefix,
        next_marker: rest.peek().map_or("", |_| last),
        blobs: Blobs { blob },
    });
    let body = body.unwrap_or_default();
    let xml = ("content-type", "application/xml".to_owned());
    reply(
        200,
        &[xml],
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{body}"),
    )
}

fn properties(held: &Held, policy: Option<&Shelf>) -> Properties {
    let until = policy.and_then(|shelf| shelf.retained_until(held));
    let written = httpdate::fmt_http_date(held.written);
    Properties {
        creation_time: written.clone(),
        last_modified: written,
        // Without quotes here, unlike in headers.
        etag: etag(held).trim_matches('"').to_owned(),
        content_length: held.data.len(),
        content_type: "application/octet-stream",
        blob_type: "BlockBlob",
        immutability_policy_until_date: until.map(httpdate::fmt_http_date),
        immutability_policy_mode: until.map(|_| "locked"),
    }
}
