//! Uploads in parts ("Multipart upload", OSS API reference).

use std::collections::BTreeMap;

use hyper::{Method, Response};
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::bucket::{Bucket, Object, Part, Pending, etag};
use super::content::Content;
use super::objects::{checksums, is_a_key, is_undamaged, kept_headers};
use super::refusal::Refusal;
use super::reply::empty;
use super::time::now;
use super::{pending, xml};
use crate::loopback::Body;

const MOST_PARTS: u32 = 10_000;

/// All that is asked of a key with `?uploads` or `?uploadId=`.
pub(super) fn answer(
    asked: &Asked,
    bucket: &mut Bucket,
    content: Content,
    shortest: u64,
) -> Result<Response<Body>, Refusal> {
    let Some(id) = asked.parameter("uploadId") else {
        return match asked.method {
            Method::POST => initiate(asked, bucket),
            _ => Err(Refusal::not_implemented("this method on uploads")),
        };
    };
    let key = &asked.key;
    let pending = bucket
        .uploads
        .get_mut(id)
        .filter(|pending| pending.key == *key);
    let pending = pending.ok_or_else(Refusal::no_such_upload)?;
    match asked.method {
        Method::PUT => put_part(asked, pending, content),
        Method::GET => pending::parts(asked, id, pending),
        Method::POST => complete(asked, bucket, id, &content.bytes(), shortest),
        Method::DELETE => {
            bucket.uploads.remove(id);
            Ok(empty(204))
        }
        _ => Err(Refusal::not_implemented("this method on an upload")),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InitiateMultipartUploadResult<'a> {
    bucket: &'a str,
    key: &'a str,
    upload_id: &'a str,
}

fn initiate(asked: &Asked, bucket: &mut Bucket) -> Result<Response<Body>, Refusal> {
    is_a_key(&asked.key)?;
    bucket.may_write(&asked.key, asked.header("x-oss-forbid-overwrite"))?;
    let id = format!("{:032X}", fastrand::u128(..));
    let pending = Pending {
        key: asked.key.clone(),
        initiated: now(),
        headers: kept_headers(asked),
        parts: BTreeMap::new(),
    };
    bucket.uploads.insert(id.clone(), pending);
    Ok(xml::reply(&InitiateMultipartUploadResult {
        bucket: &asked.bucket,
        key: &asked.key,
        upload_id: &id,
    }))
}

fn put_part(
    asked: &Asked,
    pending: &mut Pending,
    content: Content,
) -> Result<Response<Body>, Refusal> {
    let number = asked.number("partNumber")?.unwrap_or(0);
    if !(1..=MOST_PARTS).contains(&number) {
        let message = format!("Part number must be an integer between 1 and {MOST_PARTS}.");
        return Err(Refusal::argument(message));
    }
    is_undamaged(asked, &content)?;
    let part = Part {
        etag: etag(&content.md5),
        modified: now(),
        content,
    };
    let mut reply = empty(200);
    checksums(&mut reply, &part.etag, &part.content);
    pending.parts.insert(number, part);
    Ok(reply)
}

#[derive(Deserialize)]
struct CompleteMultipartUpload {
    #[serde(rename = "Part", default)]
    parts: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "PartNumber")]
    number: u32,
    #[serde(rename = "ETag")]
    etag: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CompleteMultipartUploadResult<'a> {
    location: String,
    bucket: &'a str,
    key: &'a str,
    #[serde(rename = "ETag")]
    etag: String,
}

fn complete(
    asked: &Asked,
    bucket: &mut Bucket,
    id: &str,
    body: &[u8],
    shortest: u64,
) -> Result<Response<Body>, Refusal> {
    let named: CompleteMultipartUpload = xml::parse(body)?;
    let pending = bucket.uploads.get(id).ok_or_else(Refusal::no_such_upload)?;
    let parts = chosen(&named.parts, pending, shortest)?;
    bucket.may_write(&asked.key, asked.header("x-oss-forbid-overwrite"))?;
    let contents: Vec<_> = parts.iter().map(|part| &part.content).collect();
    let content = Content::join(&contents);
    let object = Object {
        etag: format!("{}-{}", etag(&content.md5), parts.len()),
        modified: now(),
        kind: "Multipart",
        content,
        headers: pending.headers.clone(),
    };
    let mut reply = xml::reply(&CompleteMultipartUploadResult {
        location: format!("http://{}.oss.test/{}", asked.bucket, asked.key),
        bucket: &asked.bucket,
        key: &asked.key,
        etag: format!("\"{}\"", object.etag),
    });
    checksums(&mut reply, &object.etag, &object.content);
    bucket.objects.insert(asked.key.clone(), object);
    bucket.uploads.remove(id);
    Ok(reply)
}

/// The parts that are named, when an object can be made of them.
fn chosen<'a>(
    named: &[Named],
    pending: &'a Pending,
    shortest: u64,
) -> Result<Vec<&'a Part>, Refusal> {
    if named.is_empty() {
        return Err(Refusal::malformed_xml());
    }
    if !named.is_sorted_by(|one, next| one.number < next.number) {
        let message = "The list of parts was not in ascending order.";
        return Err(Refusal::new(400, "InvalidPartOrder", message));
    }
    let mut parts = Vec::new();
    for Named { number, etag } in named {
        let part = pending.parts.get(number);
        let part = part.filter(|part| part.etag.eq_ignore_ascii_case(etag.trim_matches('"')));
        parts.push(part.ok_or_else(|| {
            let message = "One or more of the specified parts could not be found or the \
                           specified entity tag might not have matched the part's entity tag.";
            Refusal::new(400, "InvalidPart", message)
        })?);
    }
    let but_the_last = parts.iter().rev().skip(1);
    if but_the_last
        .into_iter()
        .any(|part| part.content.size < shortest)
    {
        let message = "Your proposed upload smaller than the minimum allowed size.";
        return Err(Refusal::new(400, "EntityTooSmall", message));
    }
    Ok(parts)
}
