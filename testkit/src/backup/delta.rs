//! The content of a delta: the watch's events as Go's `encoding/json` writes them, and their
//! SHA-256 after.

use anyhow::Result;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::etcd::{Bytes, Change, Event};

#[derive(Serialize)]
struct Timed<'a> {
    #[serde(rename = "etcdEvent")]
    event: Inner<'a>,
    time: String,
}

#[derive(Serialize)]
struct Inner<'a> {
    #[serde(rename = "type", skip_serializing_if = "is_zero")]
    kind: i64,
    kv: Kv<'a>,
}

#[derive(Serialize)]
struct Kv<'a> {
    key: &'a Bytes,
    #[serde(skip_serializing_if = "is_zero")]
    create_revision: i64,
    #[serde(skip_serializing_if = "is_zero")]
    mod_revision: i64,
    #[serde(skip_serializing_if = "is_zero")]
    version: i64,
    #[serde(skip_serializing_if = "is_empty")]
    value: &'a Bytes,
    #[serde(skip_serializing_if = "is_zero")]
    lease: i64,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

fn is_empty(bytes: &&Bytes) -> bool {
    bytes.0.is_empty()
}

/// The events, seen in the second before `time`.
pub(super) fn encode(events: &[Event], time: u64) -> Result<Vec<u8>> {
    let timed: Vec<Timed<'_>> = events
        .iter()
        .enumerate()
        .map(|(at, event)| Timed {
            event: inner(event),
            time: seen(time, at),
        })
        .collect();
    let mut content = serde_json::to_vec(&timed)?;
    let hash = Sha256::digest(&content);
    content.extend_from_slice(&hash);
    Ok(content)
}

fn inner(event: &Event) -> Inner<'_> {
    let kv = &event.kv;
    Inner {
        kind: match event.change {
            Change::Put => 0,
            Change::Delete => 1,
        },
        kv: Kv {
            key: &kv.key,
            create_revision: kv.create_revision.signed(),
            mod_revision: kv.mod_revision.signed(),
            version: kv.version.signed(),
            value: &kv.value,
            lease: kv.lease.signed(),
        },
    }
}

/// RFC 3339 as Go writes it: nanoseconds without the zeros at their end. The day does not matter.
fn seen(time: u64, at: usize) -> String {
    let second = time % 86_400;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let nanos = format!("{:09}", at % 1_000_000 * 1000);
    let fraction = match nanos.trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    };
    format!("2026-11-22T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the reference wrote it (`testdata/backups/e35-gzip`), but for key, value and time.
    #[test]
    fn events_look_as_the_reference_writes_them() {
        let events: Vec<Event> = serde_json::from_str(
            r#"[{"kv":{"key":"YQ==","create_revision":"2","mod_revision":"3","version":"2"}},
                {"type":"DELETE","kv":{"key":"YQ==","mod_revision":"4"}}]"#,
        )
        .unwrap();
        let content = encode(&events, 33_186).unwrap();
        let (json, hash) = content.split_at(content.len() - 32);
        assert_eq!(hash, Sha256::digest(json).as_slice());
        assert_eq!(
            str::from_utf8(json).unwrap(),
            r#"[{"etcdEvent":{"kv":{"key":"YQ==","create_revision":2,"mod_revision":3,"version":2}},"#
                .to_owned()
                + r#""time":"2026-11-22T09:13:06Z"},"#
                + r#"{"etcdEvent":{"type":1,"kv":{"key":"YQ==","mod_revision":4}},"#
                + r#""time":"2026-11-22T09:13:06.000001Z"}]"#
        );
    }
}
