use std::borrow::Cow;

use serde::Deserialize;

/// What an event did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Wrote a key.
    Put,
    /// Deleted a key.
    Delete,
}

/// One event as it stands in the file: bytes still in base64, time still text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventFields<'a> {
    /// What it did.
    pub kind: EventKind,
    /// The key, base64.
    pub key: &'a [u8],
    /// The revision that began this generation of the key; 0 in a delete.
    pub create_revision: i64,
    /// The revision of the event.
    pub mod_revision: i64,
    /// Puts since the generation began; 0 in a delete.
    pub version: i64,
    /// The value, base64.
    pub value: &'a [u8],
    /// The lease attached, or 0.
    pub lease: i64,
    /// Seconds the lease was granted for, if the writer recorded it.
    pub lease_ttl: Option<i64>,
    /// When the snapshotter saw the event, RFC 3339.
    pub time: &'a [u8],
}

/// The same by the book, for whatever is legal JSON but not laid out as Go lays it out.
#[derive(Deserialize)]
pub(crate) struct WireEvent<'a> {
    #[serde(borrow, rename = "etcdEvent")]
    event: WireInner<'a>,
    #[serde(borrow, default)]
    time: Cow<'a, str>,
    #[serde(default, rename = "leaseTTL")]
    lease_ttl: Option<i64>,
}

#[derive(Deserialize)]
struct WireInner<'a> {
    #[serde(default, rename = "type")]
    kind: i64,
    #[serde(borrow)]
    kv: WireKv<'a>,
}

#[derive(Deserialize)]
struct WireKv<'a> {
    #[serde(borrow, default)]
    key: Option<Cow<'a, str>>,
    #[serde(default)]
    create_revision: i64,
    #[serde(default)]
    mod_revision: i64,
    #[serde(default)]
    version: i64,
    #[serde(borrow, default)]
    value: Option<Cow<'a, str>>,
    #[serde(default)]
    lease: i64,
}

impl WireEvent<'_> {
    /// `None` for a kind of event that does not exist.
    pub(crate) fn fields(&self) -> Option<EventFields<'_>> {
        let kv = &self.event.kv;
        Some(EventFields {
            kind: match self.event.kind {
                0 => EventKind::Put,
                1 => EventKind::Delete,
                _ => return None,
            },
            key: kv.key.as_deref().unwrap_or_default().as_bytes(),
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            version: kv.version,
            value: kv.value.as_deref().unwrap_or_default().as_bytes(),
            lease: kv.lease,
            lease_ttl: self.lease_ttl,
            time: self.time.as_bytes(),
        })
    }
}
