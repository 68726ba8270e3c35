//! The content of a delta: the watch's events as Go's `encoding/json` writes them, and their
//! SHA-256 after.

use std::io::{self, Write};

use base64_simd::STANDARD;
use jiff::{SignedDuration, Timestamp};

use anyhow::Result;

use super::hashed::Hashed;
use crate::etcd::{Change, Event};

/// An event as a delta holds it.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// Its key.
    pub key: &'a [u8],
    /// What was put, `None` for a delete.
    pub value: Option<&'a [u8]>,
    /// The revision that created the key; 0 of a delete.
    pub create_revision: i64,
    /// The revision of the event.
    pub mod_revision: i64,
    /// How often the key was put since it was created; 0 of a delete.
    pub version: i64,
    /// The lease that the key hangs on, or 0.
    pub lease: i64,
    /// When it was seen.
    pub time: Timestamp,
}

/// Writes the events of one delta, one after the other, in memory of one event.
#[derive(Debug)]
pub struct DeltaWriter<W> {
    out: Hashed<W>,
    text: String,
    separator: char,
}

/// Text goes on when there is this much of it, in bytes.
const BLOCK: usize = 64 * 1024;

impl<W: Write> DeltaWriter<W> {
    /// No events yet.
    pub fn new(out: W) -> Self {
        Self {
            out: Hashed::new(out),
            text: String::new(),
            separator: '[',
        }
    }

    /// The next event. Fields stand in Go's order, zeros and empty values are left out.
    pub fn event(&mut self, event: &Written<'_>) -> io::Result<()> {
        self.text.push(self.separator);
        self.separator = ',';
        self.text.push_str("{\"etcdEvent\":{");
        if event.value.is_none() {
            self.text.push_str("\"type\":1,");
        }
        self.text.push_str("\"kv\":{\"key\":");
        self.quote(event.key);
        self.number("create_revision", event.create_revision);
        self.number("mod_revision", event.mod_revision);
        self.number("version", event.version);
        if let Some(value) = event.value.filter(|value| !value.is_empty()) {
            self.text.push_str(",\"value\":");
            self.quote(value);
        }
        self.number("lease", event.lease);
        // A time as Go writes it has no zeros at the end of its fraction, and neither has this one.
        self.text.push_str("}},\"time\":\"");
        self.text.push_str(&event.time.to_string());
        self.text.push_str("\"}");
        if self.text.len() > BLOCK {
            self.out.write_all(self.text.as_bytes())?;
            self.text.clear();
        }
        Ok(())
    }

    /// Ends the list and writes its hash. What was written to.
    pub fn finish(mut self) -> io::Result<W> {
        if self.separator == '[' {
            self.text.push('[');
        }
        self.text.push(']');
        self.out.write_all(self.text.as_bytes())?;
        self.out.finish()
    }

    fn quote(&mut self, bytes: &[u8]) {
        self.text.push('"');
        STANDARD.encode_append(bytes, &mut self.text);
        self.text.push('"');
    }

    fn number(&mut self, field: &str, number: i64) {
        if number != 0 {
            self.text.push_str(&format!(",\"{field}\":{number}"));
        }
    }
}

/// The events, seen from `time` on, in seconds since 1970, a microsecond each.
pub(super) fn encode(events: &[Event], time: i64) -> Result<Vec<u8>> {
    let begin = Timestamp::from_second(time)?;
    let mut writer = DeltaWriter::new(Vec::new());
    for (event, at) in events.iter().zip(0_i64..) {
        writer.event(&written(event, begin + SignedDuration::from_micros(at)))?;
    }
    Ok(writer.finish()?)
}

fn written(event: &Event, time: Timestamp) -> Written<'_> {
    let kv = &event.kv;
    Written {
        key: &kv.key.0,
        value: match event.change {
            Change::Put => Some(&kv.value.0),
            Change::Delete => None,
        },
        create_revision: kv.create_revision.signed(),
        mod_revision: kv.mod_revision.signed(),
        version: kv.version.signed(),
        lease: kv.lease.signed(),
        time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    /// As the reference wrote it (`testdata/backups/e35-gzip`), but for key, value and time.
    #[test]
    fn events_look_as_the_reference_writes_them() {
        let events: Vec<Event> = serde_json::from_str(
            r#"[{"kv":{"key":"YQ==","create_revision":"2","mod_revision":"3","version":"2"}},
                {"kv":{"key":"YQ==","create_revision":"2","mod_revision":"4","version":"3","value":"Yg==","lease":"7"}},
                {"type":"DELETE","kv":{"key":"YQ==","mod_revision":"5"}}]"#,
        )
        .unwrap();
        let content = encode(&events, 1_795_338_786).unwrap();
        let (json, hash) = content.split_at(content.len() - 32);
        assert_eq!(hash, Sha256::digest(json).as_slice());
        assert_eq!(
            str::from_utf8(json).unwrap(),
            r#"[{"etcdEvent":{"kv":{"key":"YQ==","create_revision":2,"mod_revision":3,"version":2}},"#
                .to_owned()
                + r#""time":"2026-11-22T09:13:06Z"},"#
                + r#"{"etcdEvent":{"kv":{"key":"YQ==","create_revision":2,"mod_revision":4,"version":3,"#
                + r#""value":"Yg==","lease":7}},"time":"2026-11-22T09:13:06.000001Z"},"#
                + r#"{"etcdEvent":{"type":1,"kv":{"key":"YQ==","mod_revision":5}},"#
                + r#""time":"2026-11-22T09:13:06.000002Z"}]"#
        );
    }
}
