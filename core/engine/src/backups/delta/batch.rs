use etcd::mvcc::{KeyValue, encode_tombstone};
use etcd::revision::{Entry, Kind, PUT_KEY_LEN, TOMBSTONE_KEY_LEN};

use super::event::{EventFields, EventKind};
use super::options::LeasePolicy;

/// Events on their way from decoding to writing: the entries of etcd's key bucket, each key followed
/// by its value, in one piece of memory. So what many events write can be hashed in one go.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    events: Vec<DecodedEvent>,
}

/// One event of a [`Batch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodedEvent {
    /// Its key in the bucket.
    pub entry: Entry,
    /// See [`EventFields::create_revision`].
    pub create_revision: i64,
    /// See [`EventFields::version`].
    pub version: i64,
    /// The lease that the encoded value carries, or 0.
    pub lease: i64,
    /// See [`EventFields::lease_ttl`].
    pub lease_ttl: Option<i64>,
    /// Nanoseconds since 1970 when the reader was asked to parse times, else 0.
    pub time: i64,
    /// Stands for the user's key: 128 bits, seeded per run.
    pub key_hash: u128,
    /// The user's key.
    key: Span,
    /// The entry: key in the bucket and value.
    row: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    length: u32,
}

/// What [`Batch::push`] needs beside the fields of the event.
pub(crate) struct Placed {
    pub(crate) entry: Entry,
    pub(crate) time: i64,
    pub(crate) seed: u64,
    pub(crate) leases: LeasePolicy,
}

impl Batch {
    /// The events, in order.
    pub fn events(&self) -> &[DecodedEvent] {
        &self.events
    }

    /// The entry that the event writes: its key in the bucket, and its value, a `KeyValue`.
    pub fn entry(&self, event: &DecodedEvent) -> (&[u8], &[u8]) {
        let length = match event.entry.kind {
            Kind::Put => PUT_KEY_LEN,
            Kind::Tombstone => TOMBSTONE_KEY_LEN,
        };
        self.slice(event.row)
            .split_at_checked(length)
            .unwrap_or_default()
    }

    /// All entries from the event at `first` up to and with the one at `last`, one after another.
    pub(crate) fn rows(&self, first: usize, last: usize) -> &[u8] {
        let (Some(first), Some(last)) = (self.events.get(first), self.events.get(last)) else {
            return &[];
        };
        let (start, end) = (first.row.start as usize, last.row.start + last.row.length);
        self.bytes.get(start..end as usize).unwrap_or_default()
    }

    /// The user's key.
    pub fn key(&self, event: &DecodedEvent) -> &[u8] {
        self.slice(event.key)
    }

    /// Memory it holds, in bytes.
    pub fn weight(&self) -> usize {
        self.bytes.capacity() + self.events.capacity() * size_of::<DecodedEvent>()
    }

    /// Bytes of encoded values.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// No event is in it.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Forgets the events and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.events.clear();
    }

    fn slice(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.bytes
            .get(start..start + span.length as usize)
            .unwrap_or_default()
    }

    /// Adds an event whose key and value have been decoded. `None` when the batch would outgrow
    /// what its spans can address.
    pub(crate) fn push(
        &mut self,
        fields: &EventFields<'_>,
        key: &[u8],
        value: &[u8],
        placed: &Placed,
    ) -> Option<()> {
        let lease = match placed.leases {
            LeasePolicy::Keep => fields.lease,
            LeasePolicy::Drop => 0,
        };
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&placed.entry.to_bytes());
        let value_start = self.bytes.len();
        match placed.entry.kind {
            Kind::Tombstone => encode_tombstone(key, &mut self.bytes),
            Kind::Put => KeyValue {
                key,
                create_revision: fields.create_revision,
                mod_revision: fields.mod_revision,
                version: fields.version,
                value,
                lease,
            }
            .encode_put(&mut self.bytes),
        }
        let length = self.bytes.len() - start;
        // The key stands after its tag and its length.
        let key_start = value_start + 1 + varint_length(key.len());
        self.events.push(DecodedEvent {
            entry: placed.entry,
            create_revision: fields.create_revision,
            version: fields.version,
            lease,
            lease_ttl: fields.lease_ttl,
            time: placed.time,
            key_hash: xxhash_rust::xxh3::xxh3_128_with_seed(key, placed.seed),
            key: span(key_start, key.len())?,
            row: span(start, length)?,
        });
        Some(())
    }
}

fn span(start: usize, length: usize) -> Option<Span> {
    Some(Span {
        start: u32::try_from(start).ok()?,
        length: u32::try_from(length).ok()?,
    })
}

fn varint_length(number: usize) -> usize {
    (1 + number.checked_ilog2().unwrap_or(0) / 7) as usize
}

/// The kind of entry that an event leaves in the bucket.
pub(crate) fn entry_kind(kind: EventKind) -> Kind {
    match kind {
        EventKind::Put => Kind::Put,
        EventKind::Delete => Kind::Tombstone,
    }
}
