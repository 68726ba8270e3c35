use bytes::Bytes;
use client::{Change, Event, KeyValue};
use etcd::passing::LastEvent;

/// The last event of a history that was read: an etcd in which it stands as it was read has that history, and
/// one in which it does not has another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The key that was written.
    pub key: Bytes,
    /// The revision of the write.
    pub mod_revision: i64,
    /// What a put wrote; `None` for a delete.
    pub put: Option<Generation>,
}

/// Where a put stands in the life of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// The revision that created the key.
    pub create_revision: i64,
    /// How often it was written since then, this time included.
    pub version: i64,
}

impl Witness {
    /// That of an event.
    pub fn of(event: &Event) -> Self {
        let put = match &event.change {
            Change::Put {
                create_revision,
                version,
                ..
            } => Some(Generation {
                create_revision: *create_revision,
                version: *version,
            }),
            Change::Delete => None,
        };
        Self {
            // The event is a slice of a message, which would stay in memory with it.
            key: Bytes::copy_from_slice(&event.key),
            mod_revision: event.mod_revision,
            put,
        }
    }

    /// That of the last event of a full.
    pub fn of_last(event: &LastEvent) -> Self {
        let put = (!event.is_delete()).then_some(Generation {
            create_revision: event.create_revision,
            version: event.version,
        });
        Self {
            key: event.key.clone().into(),
            mod_revision: event.revision.main,
            put,
        }
    }

    /// Whether no history with this event can lead to what the key is `now`.
    pub fn contradicts(&self, now: &KeyValue) -> bool {
        if now.create_revision > self.mod_revision {
            // Of a later life of it.
            return false;
        }
        self.put.is_none_or(|put| {
            let is_older = now.mod_revision < self.mod_revision || now.version < put.version;
            let is_same = now.mod_revision == self.mod_revision;
            now.create_revision != put.create_revision
                || is_older
                || is_same != (now.version == put.version)
        })
    }

    /// Whether an etcd that answers this to [`Witness::key`] at [`Witness::mod_revision`] has the history.
    pub fn agrees(&self, answer: Option<&KeyValue>) -> bool {
        match (&self.put, answer) {
            (None, None) => true,
            (Some(put), Some(there)) => {
                there.mod_revision == self.mod_revision
                    && there.create_revision == put.create_revision
                    && there.version == put.version
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(mod_revision: i64, create_revision: i64, version: i64) -> KeyValue {
        KeyValue {
            key: Bytes::from_static(b"a"),
            value: Bytes::from_static(b"1"),
            create_revision,
            mod_revision,
            version,
            lease: 0,
        }
    }

    /// A cluster that was restored has the same id, and in time the same revisions: only what was written tells.
    #[test]
    fn another_history_is_told_by_what_was_written() {
        let event = Event {
            key: Bytes::from_static(b"a"),
            mod_revision: 7,
            change: Change::Put {
                value: Bytes::from_static(b"1"),
                create_revision: 3,
                version: 2,
                lease: 0,
            },
        };
        let witness = Witness::of(&event);
        assert!(witness.agrees(Some(&put(7, 3, 2))));
        for other in [put(6, 3, 2), put(7, 2, 2), put(7, 3, 3)] {
            assert!(!witness.agrees(Some(&other)), "{other:?}");
        }
        assert!(!witness.agrees(None));
        let deleted = Witness::of(&Event {
            change: Change::Delete,
            ..event
        });
        assert!(deleted.agrees(None) && !deleted.agrees(Some(&put(7, 3, 2))));
    }
}
