use std::io::{self, Write};

use base64_simd::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::backups::compression::Compression;
use crate::backups::encoder::{Encoder, Level};

/// An event on its way into a delta, bytes as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEvent<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The revision of the event.
    pub mod_revision: i64,
    /// What was put; `None` for a delete.
    pub put: Option<NewValue<'a>>,
    /// When the event was seen.
    pub time: Timestamp,
}

/// What a put writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewValue<'a> {
    /// The value.
    pub value: &'a [u8],
    /// The revision that began this generation of the key.
    pub create_revision: i64,
    /// Puts since the generation began.
    pub version: i64,
    /// The lease attached, or 0.
    pub lease: i64,
    /// Seconds that the lease was granted for, if it is known.
    pub lease_ttl: Option<i64>,
}

/// Content after which it is hashed and compressed, in bytes: so much stays in the cache of a core.
const BLOCK: usize = 64 * 1024;

/// Writes the content of a delta as etcd-backup-restore 0.44 does: Go's JSON of an array of events, and after
/// it the SHA-256 of that; all of it compressed. Memory: what is compressed, and a block.
#[derive(Debug)]
pub struct DeltaWriter {
    text: Vec<u8>,
    hash: Sha256,
    encoder: Encoder,
    done: Vec<u8>,
    written: u64,
    events: u64,
}

/// A delta, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaContent {
    /// The object, compressed.
    pub object: Vec<u8>,
    /// Bytes of the JSON, without the hash.
    pub json: u64,
    /// How many events there are.
    pub events: u64,
    /// SHA-256 of the JSON: what stands after it.
    pub sha256: [u8; 32],
}

impl DeltaWriter {
    /// Without events yet.
    pub fn new(compression: Compression, level: Level) -> Self {
        Self {
            text: Vec::with_capacity(BLOCK + 4096),
            hash: Sha256::new(),
            encoder: Encoder::new(compression, level),
            done: Vec::new(),
            written: 0,
            events: 0,
        }
    }

    /// Bytes of JSON so far: what etcd-backup-restore counts against its limit.
    pub fn json(&self) -> u64 {
        self.written + self.text.len() as u64
    }

    /// Bytes that this takes in memory, about.
    pub fn memory(&self) -> usize {
        self.done.len() + self.encoder.ready() + self.text.capacity()
    }

    /// The next event.
    ///
    /// Errors: none in memory; an encoder may fail nevertheless.
    pub fn event(&mut self, event: &NewEvent<'_>) -> io::Result<()> {
        self.text.push(if self.events == 0 { b'[' } else { b',' });
        self.events += 1;
        self.literal("{\"etcdEvent\":{");
        if event.put.is_none() {
            self.literal("\"type\":1,");
        }
        self.literal("\"kv\":{\"key\":");
        self.base64(event.key);
        match &event.put {
            Some(put) => {
                self.number(",\"create_revision\":", put.create_revision);
                self.number(",\"mod_revision\":", event.mod_revision);
                self.number(",\"version\":", put.version);
                if !put.value.is_empty() {
                    self.literal(",\"value\":");
                    self.base64(put.value);
                }
                self.number(",\"lease\":", put.lease);
            }
            None => self.number(",\"mod_revision\":", event.mod_revision),
        }
        self.literal("}},\"time\":\"");
        self.shown(format_args!("{}\"", event.time));
        let ttl = event.put.as_ref().and_then(|put| put.lease_ttl);
        self.number(",\"leaseTTL\":", ttl.unwrap_or(0));
        self.text.push(b'}');
        match self.text.len() >= BLOCK {
            true => self.block(),
            false => Ok(()),
        }
    }

    /// Ends the content and writes its hash.
    ///
    /// Errors: none in memory; an encoder may fail nevertheless.
    pub fn finish(mut self) -> io::Result<DeltaContent> {
        if self.events == 0 {
            self.text.push(b'[');
        }
        self.text.push(b']');
        self.block()?;
        let sha256: [u8; 32] = self.hash.finalize().into();
        self.encoder.write_all(&sha256)?;
        let mut object = self.done;
        object.extend(self.encoder.finish()?);
        Ok(DeltaContent {
            object,
            json: self.written,
            events: self.events,
            sha256,
        })
    }

    fn block(&mut self) -> io::Result<()> {
        self.hash.update(&self.text);
        self.encoder.write_all(&self.text)?;
        self.done.append(&mut self.encoder.take());
        self.written += self.text.len() as u64;
        self.text.clear();
        Ok(())
    }

    fn literal(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn base64(&mut self, bytes: &[u8]) {
        self.text.push(b'"');
        STANDARD.encode_append(bytes, &mut self.text);
        self.text.push(b'"');
    }

    /// Go leaves zeros out.
    fn number(&mut self, label: &str, number: i64) {
        if number != 0 {
            self.shown(format_args!("{label}{number}"));
        }
    }

    fn shown(&mut self, shown: std::fmt::Arguments<'_>) {
        // Writing into memory does not fail.
        let _ = self.text.write_fmt(shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::delta::{Batch, DeltaReader, ReadOptions, fast};
    use crate::backups::{Decoder, Kind, SnapshotName};
    use proptest::prelude::*;

    fn put(key: &str, revision: i64) -> NewEvent<'_> {
        NewEvent {
            key: key.as_bytes(),
            mod_revision: revision,
            put: Some(NewValue {
                value: b"bar",
                create_revision: 2,
                version: revision - 1,
                lease: 0,
                lease_ttl: None,
            }),
            time: "2026-11-22T09:13:06.04Z".parse().unwrap(),
        }
    }

    fn written(events: &[NewEvent<'_>], compression: Compression) -> DeltaContent {
        let mut writer = DeltaWriter::new(compression, Level::default());
        for event in events {
            writer.event(event).unwrap();
        }
        writer.finish().unwrap()
    }

    /// The layout that is read in one pass, field for field as the reference writes it.
    #[test]
    fn events_stand_as_go_writes_them() {
        let mut leased = put("foo", 3);
        if let Some(value) = &mut leased.put {
            (value.lease, value.lease_ttl) = (7, Some(60));
        }
        let deleted = NewEvent {
            put: None,
            ..put("foo", 4)
        };
        let content = written(&[leased, deleted], Compression::None);
        let (json, hash) = content.object.split_at(content.object.len() - 32);
        assert_eq!(
            str::from_utf8(json).unwrap(),
            r#"[{"etcdEvent":{"kv":{"key":"Zm9v","create_revision":2,"mod_revision":3,"version":2,"#
                .to_owned()
                + r#""value":"YmFy","lease":7}},"time":"2026-11-22T09:13:06.04Z","leaseTTL":60},"#
                + r#"{"etcdEvent":{"type":1,"kv":{"key":"Zm9v","mod_revision":4}},"#
                + r#""time":"2026-11-22T09:13:06.04Z"}]"#
        );
        assert_eq!(hash, Sha256::digest(json).as_slice());
        assert_eq!((content.json, content.events), (json.len() as u64, 2));
        assert!(fast::event(&json[1..]).is_some());
        assert_eq!(written(&[], Compression::None).object[..2], *b"[]");
    }

    proptest! {
        /// Every event comes back as it went in, in order, whatever it holds and however it is compressed.
        #[test]
        fn what_is_written_is_read(
            events in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), prop::option::of(prop::collection::vec(any::<u8>(), 0..400)), 0..=i64::MAX), 1..60),
            codec in 0..5_usize,
        ) {
            let time: Timestamp = "2026-11-22T09:13:06.123456789Z".parse().unwrap();
            let events: Vec<_> = events.iter().zip(2..).map(|((key, value, lease), revision)| NewEvent {
                key,
                mod_revision: revision,
                put: value.as_deref().map(|value| NewValue {
                    value,
                    create_revision: revision,
                    version: 1,
                    lease: *lease,
                    lease_ttl: None,
                }),
                time,
            }).collect();
            let compression = Compression::ALL[codec];
            let content = written(&events, compression);
            let name = SnapshotName {
                kind: Kind::Delta,
                first: 2,
                last: events.len() as i64 + 1,
                created: 1,
                encoding: compression.into(),
                is_final: false,
            };
            let options = ReadOptions {
                hash: Default::default(),
                leases: Default::default(),
                seed: 1,
                times: Default::default(),
            };
            let mut reader = DeltaReader::new(&name, Decoder::new(compression, &content.object[..]), options);
            let (mut batch, mut read) = (Batch::default(), 0);
            while reader.next_batch(&mut batch).unwrap() {
                read += batch.events().len();
            }
            prop_assert_eq!(read, events.len());
        }
    }
}
