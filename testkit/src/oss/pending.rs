//! The uploads of a bucket that are not complete, and the parts of one, page by page.

use hyper::Response;
use serde::Serialize;

use super::asked::Asked;
use super::bucket::{Bucket, Pending};
use super::listing::{page, spelled};
use super::refusal::Refusal;
use super::time::stamp;
use super::xml;
use crate::loopback::Body;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListMultipartUploadsResult {
    bucket: String,
    prefix: String,
    max_uploads: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<String>,
    key_marker: String,
    upload_id_marker: String,
    next_key_marker: String,
    next_upload_id_marker: String,
    upload: Vec<Upload>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    upload_id: String,
    storage_class: &'static str,
    initiated: String,
}

/// Uploads that nobody has completed or aborted, by key and then by identity.
pub(super) fn uploads(asked: &Asked, bucket: &Bucket) -> Result<Response<Body>, Refusal> {
    let parameter = |name| asked.parameter(name).unwrap_or_default();
    let prefix = parameter("prefix");
    let (key_marker, id_marker) = (parameter("key-marker"), parameter("upload-id-marker"));
    let max_uploads = page(asked, "max-uploads", 1000)?;
    let mut found: Vec<_> = bucket
        .uploads
        .iter()
        .map(|(id, upload)| (upload.key.as_str(), id.as_str(), upload.initiated))
        .filter(|(key, ..)| key.starts_with(prefix))
        // Without an identity the page begins after all uploads of the key.
        .filter(|(key, id, _)| match id_marker {
            "" => *key > key_marker || key_marker.is_empty(),
            marker => (*key, *id) > (key_marker, marker),
        })
        .collect();
    found.sort();
    let is_truncated = found.len() > max_uploads;
    found.truncate(max_uploads);
    let (next_key, next_id) = found.last().map_or(("", ""), |(key, id, _)| (*key, *id));
    Ok(xml::reply(&ListMultipartUploadsResult {
        bucket: asked.bucket.clone(),
        prefix: spelled(asked, prefix),
        max_uploads,
        is_truncated,
        encoding_type: asked.parameter("encoding-type").map(str::to_owned),
        key_marker: spelled(asked, key_marker),
        upload_id_marker: id_marker.to_owned(),
        next_key_marker: spelled(asked, next_key),
        next_upload_id_marker: next_id.to_owned(),
        upload: found
            .iter()
            .map(|(key, id, initiated)| Upload {
                key: spelled(asked, key),
                upload_id: (*id).to_owned(),
                storage_class: "Standard",
                initiated: stamp(*initiated),
            })
            .collect(),
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListPartsResult<'a> {
    bucket: &'a str,
    key: String,
    upload_id: &'a str,
    storage_class: &'static str,
    part_number_marker: u32,
    next_part_number_marker: u32,
    max_parts: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'a str>,
    part: Vec<Listed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    part_number: u32,
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: String,
    size: u64,
    hash_crc64ecma: u64,
}

/// The parts of one upload that have come so far.
pub(super) fn parts(asked: &Asked, id: &str, upload: &Pending) -> Result<Response<Body>, Refusal> {
    let marker = asked.number("part-number-marker")?.unwrap_or(0);
    let max_parts = page(asked, "max-parts", 1000)?;
    let mut rest = upload.parts.range(marker.saturating_add(1)..);
    let part: Vec<_> = rest
        .by_ref()
        .take(max_parts)
        .map(|(number, part)| Listed {
            part_number: *number,
            last_modified: stamp(part.modified),
            etag: format!("\"{}\"", part.etag),
            size: part.content.size,
            hash_crc64ecma: part.content.crc64,
        })
        .collect();
    Ok(xml::reply(&ListPartsResult {
        bucket: &asked.bucket,
        key: spelled(asked, &upload.key),
        upload_id: id,
        storage_class: "Standard",
        part_number_marker: marker,
        next_part_number_marker: part.last().map_or(0, |part| part.part_number),
        max_parts,
        is_truncated: rest.next().is_some(),
        encoding_type: asked.parameter("encoding-type"),
        part,
    }))
}
