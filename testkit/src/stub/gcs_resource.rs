//! An object as Google describes it, and its bytes.

use hyper::Response;
use serde_json::{Value, json};

use super::gcs_call::{Call, stamp};
use super::gcs_refusal::refuse;
use super::reply::{range, reply};
use super::shelf::{Held, Shelf};
use crate::loopback::Body;

/// The resource of an object. Numbers of 64 bits are strings in it.
pub(super) fn description(bucket: &str, name: &str, held: &Held, shelf: &Shelf) -> Value {
    let written = stamp(held.written);
    let mut described = json!({
        "kind": "storage#object",
        "id": format!("{bucket}/{name}/{}", held.generation),
        "name": name,
        "bucket": bucket,
        "size": held.data.len().to_string(),
        "generation": held.generation.to_string(),
        "metageneration": "1",
        "crc32c": crc32c(held),
        "etag": held.generation.to_string(),
        "timeCreated": written,
        "updated": written,
        "metadata": held.metadata,
    });
    if let Some(until) = shelf.retained_until(held) {
        described["retentionExpirationTime"] = stamp(until).into();
    }
    described
}

/// The bytes of an object, or of a part of it.
pub(super) fn download(call: &Call, held: &Held) -> Response<Body> {
    let size = held.data.len();
    let Ok(range) = range(call.header("range"), size as u64) else {
        return refuse(
            416,
            "requestedRangeNotSatisfiable",
            "Request range not satisfiable",
        );
    };
    let mut headers = vec![
        ("content-type", "application/octet-stream".to_owned()),
        ("x-goog-generation", held.generation.to_string()),
        ("x-goog-metageneration", "1".to_owned()),
        ("x-goog-hash", format!("crc32c={}", crc32c(held))),
        ("x-goog-stored-content-length", size.to_string()),
        ("x-goog-stored-content-encoding", "identity".to_owned()),
    ];
    let Some(range) = range else {
        return reply(200, &headers, held.data.clone());
    };
    let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
    headers.push(("content-range", place));
    reply(206, &headers, held.data.slice(range))
}

/// In the order of the network, in base64.
fn crc32c(held: &Held) -> String {
    base64_simd::STANDARD.encode_to_string(network_order(crc32c::crc32c(&held.data)))
}

fn network_order(number: u32) -> [u8; 4] {
    [24, 16, 8, 0].map(|shift| u8::try_from(number >> shift & 0xff).unwrap_or_default())
}
