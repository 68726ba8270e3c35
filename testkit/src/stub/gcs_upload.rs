//! Uploads in one request and in a session:
//! <https://cloud.google.com/storage/docs/uploads-downloads>.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::Response;
use serde_json::Value;

use super::gcs_call::{Call, found};
use super::gcs_refusal::{refuse, refuse_conflict};
use super::gcs_resource::description;
use super::reply::reply;
use super::shelf::Shelf;
use crate::loopback::Body;

pub(super) fn answer(call: &Call, bucket: &str, shelf: &mut Shelf) -> Response<Body> {
    match (call.parameter("uploadType"), call.parameter("upload_id")) {
        ("media", _) => {
            let name = call.parameter("name");
            finish(
                call,
                bucket,
                name,
                call.body.clone(),
                BTreeMap::new(),
                shelf,
            )
        }
        ("multipart", _) => match parts(call) {
            Some((about, data)) => {
                let name = about["name"]
                    .as_str()
                    .unwrap_or_else(|| call.parameter("name"));
                finish(call, bucket, name, data, metadata(&about), shelf)
            }
            None => refuse(400, "badContent", "Malformed multipart body."),
        },
        ("resumable", "") => begin(call, bucket, shelf),
        ("resumable", session) => go_on(call, bucket, session, shelf),
        _ => refuse(400, "invalid", "Bad Request"),
    }
}

/// What the client wants to be remembered.
pub(super) fn metadata(about: &Value) -> BTreeMap<String, String> {
    let pairs = about["metadata"].as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    pairs
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn finish(
    call: &Call,
    bucket: &str,
    name: &str,
    data: Bytes,
    metadata: BTreeMap<String, String>,
    shelf: &mut Shelf,
) -> Response<Body> {
    match shelf.put(name, data, metadata, call.condition()) {
        Ok(held) => found(&description(bucket, name, &held, shelf)),
        Err(conflict) => refuse_conflict(conflict, bucket, name),
    }
}

/// The two parts of a multipart/related body: JSON, and the bytes.
fn parts(call: &Call) -> Option<(Value, Bytes)> {
    let (_, boundary) = call.header("content-type")?.split_once("boundary=")?;
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let body = &call.body;
    let first = find(body, 0, b"\r\n\r\n")? + 4;
    let second = find(body, first, delimiter.as_bytes())?;
    let data = find(body, second, b"\r\n\r\n")? + 4;
    let end = rfind(body, format!("\r\n{delimiter}--").as_bytes())?;
    let about = serde_json::from_slice(body.get(first..second)?).ok()?;
    (data <= end).then(|| (about, body.slice(data..end)))
}

fn find(body: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = body.get(from..)?;
    let found = rest
        .windows(wanted.len())
        .position(|window| window == wanted);
    found.map(|at| from + at)
}

fn rfind(body: &[u8], wanted: &[u8]) -> Option<usize> {
    body.windows(wanted.len())
        .rposition(|window| window == wanted)
}

/// What a session is begun with, kept beside its bytes.
const ABOUT: &str = "about";
const BYTES: &str = "bytes";

fn begin(call: &Call, bucket: &str, shelf: &mut Shelf) -> Response<Body> {
    let session = format!("session-{:016x}", fastrand::u64(..));
    let about = (ABOUT.to_owned(), call.body.clone());
    shelf
        .unfinished
        .insert(session.clone(), BTreeMap::from([about]));
    let host = call.header("host").unwrap_or_default();
    let condition = match call.parameter("ifGenerationMatch") {
        "" => String::new(),
        generation => format!("&ifGenerationMatch={generation}"),
    };
    let name = percent_encoding::utf8_percent_encode(
        call.parameter("name"),
        percent_encoding::NON_ALPHANUMERIC,
    );
    let location = format!(
        "http://{host}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&name={name}\
         {condition}&upload_id={session}"
    );
    reply(200, &[("location", location)], "")
}

/// A piece: `Content-Range: bytes 0-9/*`, `bytes 10-19/20`, or `bytes */20` to ask how far it is.
fn go_on(call: &Call, bucket: &str, session: &str, shelf: &mut Shelf) -> Response<Body> {
    let Some(kept) = shelf.unfinished.get_mut(session) else {
        return refuse(404, "notFound", "No such upload session.");
    };
    let range = call.header("content-range").unwrap_or("bytes 0-/*");
    let (place, total) = range
        .trim_start_matches("bytes ")
        .split_once('/')
        .unwrap_or(("*", "*"));
    let mut bytes = kept.get(BYTES).cloned().unwrap_or_default().to_vec();
    let first = place.split('-').next().and_then(|first| first.parse().ok());
    if first.is_some_and(|first: usize| first == bytes.len()) {
        bytes.extend_from_slice(&call.body);
    }
    let has_all = call.header("content-range").is_none() || total.parse() == Ok(bytes.len());
    if !has_all {
        let last = bytes.len().checked_sub(1);
        kept.insert(BYTES.to_owned(), bytes.into());
        let received = last.map(|last| ("range", format!("bytes=0-{last}")));
        return reply(308, received.as_slice(), "");
    }
    let about = kept.get(ABOUT).cloned().unwrap_or_default();
    shelf.unfinished.remove(session);
    let about: Value = serde_json::from_slice(&about).unwrap_or_default();
    let name = call.parameter("name");
    finish(call, bucket, name, bytes.into(), metadata(&about), shelf)
}
