use std::collections::BTreeMap;

use bolt::PageId;

use crate::mvcc::KeyValue;
use crate::revision::{Entry, Kind, Revision};

/// Events that are kept, and bytes of their keys.
const MOST: (usize, usize) = (4096, 4 << 20);

/// The last change that a store holds: what proves that another store has the same history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastEvent {
    /// The user's key.
    pub key: Vec<u8>,
    /// The revision of the change.
    pub revision: Revision,
    /// The revision that created the key; 0 for a delete, as etcd stores none.
    pub create_revision: i64,
    /// Puts since then; 0 for a delete.
    pub version: i64,
    /// CRC-32C of the value; `None` for a delete.
    pub value_crc32c: Option<u32>,
}

impl LastEvent {
    /// `None` for what is no event of a user's: the entry of a bumped revision has no key.
    pub(super) fn read(entry: Entry, value: &[u8]) -> Option<Self> {
        let kv = KeyValue::decode(value).ok()?;
        let is_put = entry.kind == Kind::Put;
        if kv.key.is_empty() || is_put && kv.mod_revision != entry.revision.main {
            return None;
        }
        Some(Self {
            key: kv.key.to_vec(),
            revision: entry.revision,
            create_revision: kv.create_revision,
            version: kv.version,
            value_crc32c: is_put.then(|| crc32c::crc32c(kv.value)),
        })
    }

    /// Whether it deleted its key.
    pub fn is_delete(&self) -> bool {
        self.value_crc32c.is_none()
    }
}

/// The last events of leaves, the newest of them: only the last leaf of the bucket counts in the end, and which
/// that is shows after it has come by.
#[derive(Debug, Default)]
pub(super) struct LastEvents {
    events: BTreeMap<(Revision, PageId), LastEvent>,
    bytes: usize,
}

impl LastEvents {
    pub(super) fn note(&mut self, page: PageId, event: LastEvent) {
        self.bytes += event.key.len();
        self.events.insert((event.revision, page), event);
        while self.events.len() > MOST.0 || self.bytes > MOST.1 {
            let Some((_, oldest)) = self.events.pop_first() else {
                return;
            };
            self.bytes -= oldest.key.len();
        }
    }

    /// That of a leaf, if it was kept.
    pub(super) fn of(mut self, page: PageId) -> Option<LastEvent> {
        let of = self.events.keys().find(|(_, at)| *at == page).copied()?;
        self.events.remove(&of)
    }
}
