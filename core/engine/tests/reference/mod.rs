//! Backups as etcd-backup-restore 0.44 writes them, small ones, from a history made up by a test:
//! a second pen beside the reader on trial.
#![allow(
    dead_code,
    unused_imports,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

mod full;
mod history;

use std::io::Write;

use engine::backups::{Compression, Kind, SnapshotName};
use flate2::write::{GzEncoder, ZlibEncoder};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub(crate) use full::database;
pub(crate) use history::{Change, Event, History};

/// Histories happen at one revision a second from here on, seconds since 1970.
pub(crate) const EPOCH: i64 = 1_800_000_000;

/// The time of a revision.
pub(crate) fn time(revision: i64) -> Timestamp {
    Timestamp::from_second(EPOCH + revision).unwrap()
}

/// The name of a full that says it holds up to `last`.
pub(crate) fn full_name(last: i64, compression: Compression) -> String {
    name(Kind::Full, 0, last, compression)
}

/// The name of a delta of these revisions.
pub(crate) fn delta_name(first: i64, last: i64, compression: Compression) -> String {
    name(Kind::Delta, first, last, compression)
}

fn name(kind: Kind, first: i64, last: i64, compression: Compression) -> String {
    let name = SnapshotName {
        kind,
        first,
        last,
        created: EPOCH + last,
        compression,
        is_final: false,
    };
    name.to_string()
}

/// The content of a delta: the events as Go's encoder writes them, and after them their hash.
pub(crate) fn delta(events: &[Event]) -> Vec<u8> {
    let events: Vec<_> = events.iter().map(json).collect();
    with_hash(format!("[{}]", events.join(",")).into_bytes())
}

/// One event, fields in Go's order, zeros left out.
fn json(event: &Event) -> String {
    let base64 = |bytes: &[u8]| base64_simd::STANDARD.encode_to_string(bytes);
    let mut kv = format!("\"key\":\"{}\"", base64(&event.key));
    for (field, number) in [
        ("create_revision", event.create_revision),
        ("mod_revision", event.revision),
        ("version", event.version),
    ] {
        if number != 0 {
            kv += &format!(",\"{field}\":{number}");
        }
    }
    let kind = match &event.value {
        None => "\"type\":1,",
        Some(value) => {
            if !value.is_empty() {
                kv += &format!(",\"value\":\"{}\"", base64(value));
            }
            ""
        }
    };
    if event.lease != 0 {
        kv += &format!(",\"lease\":{}", event.lease);
    }
    let time = time(event.revision);
    format!("{{\"etcdEvent\":{{{kind}\"kv\":{{{kv}}}}},\"time\":\"{time}\"}}")
}

/// `content` with its SHA-256 after it, as both kinds of object have it.
pub(crate) fn with_hash(mut content: Vec<u8>) -> Vec<u8> {
    let hash = Sha256::digest(&content);
    content.extend_from_slice(&hash);
    content
}

/// The bytes of an object.
pub(crate) fn compress(compression: Compression, content: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::default();
    match compression {
        Compression::None => content.to_vec(),
        Compression::Gzip => {
            let mut out = GzEncoder::new(Vec::new(), level);
            out.write_all(content).unwrap();
            out.finish().unwrap()
        }
        Compression::Zlib => {
            let mut out = ZlibEncoder::new(Vec::new(), level);
            out.write_all(content).unwrap();
            out.finish().unwrap()
        }
        Compression::Lzw => weezl::encode::Encoder::new(weezl::BitOrder::Lsb, 8)
            .encode(content)
            .unwrap(),
    }
}
