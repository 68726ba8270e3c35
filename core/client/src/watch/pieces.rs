use snapstore::printable;

use super::event::{Change, Event};
use super::item::{Batch, BatchEnd, WatchItem};
use crate::wire::kv::KeyValue;
use crate::wire::watch::{WatchEvent, WatchResponse};

/// Turns the messages of one watch into items, and refuses what is none.
#[derive(Debug)]
pub(crate) struct Pieces {
    watch_id: i64,
}

/// etcd's id for what concerns no single watch.
const NO_WATCH: i64 = -1;

/// The types of events (`api/mvccpb/kv.proto`).
const PUT: i32 = 0;
const DELETE: i32 = 1;

impl Pieces {
    /// Of the watch that was created as `watch_id`.
    pub(crate) fn of(watch_id: i64) -> Self {
        Self { watch_id }
    }

    /// What a message after the creation says, or why it is not understood.
    pub(crate) fn item(&self, message: WatchResponse) -> Result<WatchItem, String> {
        let id = message.watch_id;
        let silent = message.events.is_empty();
        if id != self.watch_id && !(silent && id == NO_WATCH) {
            return Err(format!("a message of watch {id}, which nobody asked for"));
        }
        if message.canceled {
            return Ok(canceled(&message));
        }
        if message.created {
            return Err("the watch is created a second time".to_owned());
        }
        let head = message.header.map(|header| header.revision);
        let head = head.ok_or("a message without a header")?;
        match (silent, message.fragment) {
            (true, true) => Err("a fragment without events".to_owned()),
            (true, false) => Ok(WatchItem::Progress { head }),
            (false, cut) => {
                let events = message.events.into_iter().map(event);
                let events = events.collect::<Result<Vec<_>, _>>()?;
                let end = if cut { BatchEnd::Cut } else { BatchEnd::Whole };
                Ok(WatchItem::Batch(Batch { head, events, end }))
            }
        }
    }
}

/// A start that is compacted is told by a number alone: no reason, and revision 0 in the header (3.4.23 to
/// 3.7.3).
pub(crate) fn canceled(message: &WatchResponse) -> WatchItem {
    WatchItem::Canceled {
        compact_revision: Some(message.compact_revision).filter(|revision| *revision != 0),
        reason: printable(&message.cancel_reason),
    }
}

fn event(event: WatchEvent) -> Result<Event, String> {
    let kv = event.kv.ok_or("an event without a key")?;
    let revision = kv.mod_revision;
    if kv.key.is_empty() || revision < 1 {
        return Err(format!(
            "an event at revision {revision} with a key of {} bytes",
            kv.key.len()
        ));
    }
    let (key, change) = match event.kind {
        PUT => put(kv)?,
        DELETE => (kv.key, Change::Delete),
        kind => return Err(format!("an event of type {kind} at revision {revision}")),
    };
    Ok(Event {
        key,
        mod_revision: revision,
        change,
    })
}

fn put(kv: KeyValue) -> Result<(bytes::Bytes, Change), String> {
    let KeyValue {
        key,
        create_revision,
        mod_revision,
        version,
        value,
        lease,
    } = kv;
    let created = (1..=mod_revision).contains(&create_revision);
    if !created || version < 1 {
        return Err(format!(
            "a put at revision {mod_revision} of a key created at {create_revision}, version {version}"
        ));
    }
    let change = Change::Put {
        value,
        create_revision,
        version,
        lease,
    };
    Ok((key, change))
}

#[cfg(test)]
#[path = "pieces_tests.rs"]
mod tests;
