use std::time::SystemTime;

use hyper::{Method, Response, StatusCode};

use super::asked::Asked;
use super::bucket::{Bucket, Object};
use super::content::Content;
use super::range;
use super::refusal::Refusal;
use super::reply::{empty, set};
use crate::loopback::Body;

/// No longer key is an object's, in bytes.
const LONGEST_KEY: usize = 1023;

/// All that is done with one object as a whole.
pub(super) fn answer(
    asked: &Asked,
    bucket: &mut Bucket,
    content: Content,
) -> Result<Response<Body>, Refusal> {
    match asked.method {
        Method::PUT => put(asked, bucket, content),
        Method::GET => get(asked, bucket.object(&asked.key)?),
        Method::HEAD => {
            let object = bucket.object(&asked.key)?;
            let mut reply = empty(200);
            describe(&mut reply, object);
            set(
                &mut reply,
                "content-length",
                &object.content.size.to_string(),
            );
            Ok(reply)
        }
        Method::DELETE => {
            bucket.may_change(&asked.key)?;
            bucket.objects.remove(&asked.key);
            Ok(empty(204))
        }
        _ => Err(Refusal::not_implemented("this method on an object")),
    }
}

fn put(asked: &Asked, bucket: &mut Bucket, content: Content) -> Result<Response<Body>, Refusal> {
    if asked.headers.contains_key("x-oss-copy-source") {
        return Err(Refusal::not_implemented("copying"));
    }
    is_a_key(&asked.key)?;
    is_undamaged(asked, &content)?;
    bucket.may_write(&asked.key, asked.header("x-oss-forbid-overwrite"))?;
    let object = Object::new(content, kept_headers(asked));
    let mut reply = empty(200);
    checksums(&mut reply, &object.etag, &object.content);
    bucket.objects.insert(asked.key.clone(), object);
    Ok(reply)
}

fn get(asked: &Asked, object: &Object) -> Result<Response<Body>, Refusal> {
    let etag = format!("\"{}\"", object.etag);
    let unlike = |wanted: &str| wanted != "*" && wanted != etag && wanted != object.etag;
    if asked.header("if-match").is_some_and(unlike) {
        let message = "At least one of the pre-conditions you specified did not hold.";
        return Err(Refusal::new(412, "PreconditionFailed", message));
    }
    let size = object.content.size;
    let behavior = asked.header("x-oss-range-behavior");
    let range = range::asked_for(asked.header("range"), behavior, size)?;
    let whole = 0..size;
    let mut reply = Response::new(object.content.body(range.clone().unwrap_or(whole)));
    describe(&mut reply, object);
    let length = match range {
        Some(range) => {
            *reply.status_mut() = StatusCode::PARTIAL_CONTENT;
            let (first, last) = (range.start, range.end - 1);
            let place = format!("bytes {first}-{last}/{size}");
            set(&mut reply, "content-range", &place);
            range.end - range.start
        }
        None => size,
    };
    set(&mut reply, "content-length", &length.to_string());
    Ok(reply)
}

/// What is said of an object with its bytes and without.
fn describe(reply: &mut Response<Body>, object: &Object) {
    for (name, value) in &object.headers {
        set(reply, name, value);
    }
    checksums(reply, &object.etag, &object.content);
    set(reply, "last-modified", &http_date(object.modified));
    set(reply, "accept-ranges", "bytes");
    set(reply, "x-oss-object-type", object.kind);
    set(reply, "x-oss-storage-class", "Standard");
}

/// ETag, and the CRC that clients compare with their own.
pub(super) fn checksums(reply: &mut Response<Body>, etag: &str, content: &Content) {
    set(reply, "etag", &format!("\"{etag}\""));
    let crc = content.crc64.to_string();
    set(reply, "x-oss-hash-crc64ecma", &crc);
}

/// The headers of a request that belong to the object.
pub(super) fn kept_headers(asked: &Asked) -> Vec<(String, String)> {
    let kept = asked.headers.iter().filter_map(|(name, value)| {
        let kept = name == "content-type" || name.as_str().starts_with("x-oss-meta-");
        let value = String::from_utf8_lossy(value.as_bytes());
        kept.then(|| (name.to_string(), value.into_owned()))
    });
    kept.collect()
}

/// Whether OSS would take it ("Object naming conventions").
pub(super) fn is_a_key(key: &str) -> Result<(), Refusal> {
    if key.len() <= LONGEST_KEY && !key.starts_with(['/', '\\']) {
        return Ok(());
    }
    let message = "The specified object is not valid.";
    Err(Refusal::new(400, "InvalidObjectName", message))
}

/// Whether the body is what the client says it has sent.
pub(super) fn is_undamaged(asked: &Asked, content: &Content) -> Result<(), Refusal> {
    let right = base64_simd::STANDARD.encode_to_string(content.md5);
    match asked.header("content-md5") {
        Some(said) if said != right => {
            let message = "The Content-MD5 you specified is not valid.";
            Err(Refusal::new(400, "InvalidDigest", message))
        }
        _ => Ok(()),
    }
}

fn http_date(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}
