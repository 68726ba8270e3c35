use std::io::BufReader;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::kv::ALL;
use super::{Bytes, Etcd, Int, KeyValue};

/// One event of a watch over everything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// What happened.
    #[serde(default, rename = "type")]
    pub change: Change,
    /// The key after it; of a deleted one only key and mod revision.
    pub kv: KeyValue,
}

/// What an event says of its key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Change {
    /// It was written.
    #[default]
    #[serde(rename = "PUT")]
    Put,
    /// It was deleted.
    #[serde(rename = "DELETE")]
    Delete,
}

impl Event {
    /// The revision that it is part of.
    pub fn revision(&self) -> i64 {
        self.kv.mod_revision.signed()
    }
}

/// What a watch from an old revision gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// All events asked for.
    Events(Vec<Event>),
    /// The beginning is compacted; this is what the client is told.
    Compacted(i64),
}

#[derive(Deserialize)]
struct Message {
    result: Option<Response>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Response {
    events: Vec<Event>,
    canceled: bool,
    compact_revision: Int,
    cancel_reason: String,
}

impl Etcd {
    /// Every event from revision `first` to `last`, which must have happened. A revision is never
    /// split, since etcd splits none unless asked for fragments.
    pub fn watch(&self, first: i64, last: i64) -> Result<Watched> {
        #[derive(Serialize)]
        struct Request {
            create_request: Create,
        }
        #[derive(Serialize)]
        struct Create {
            key: Bytes,
            range_end: Bytes,
            start_revision: Int,
        }
        let request = Request {
            create_request: Create {
                key: ALL.into(),
                range_end: ALL.into(),
                start_revision: first.into(),
            },
        };
        let mut events: Vec<Event> = Vec::new();
        if first > last {
            return Ok(Watched::Events(events));
        }
        let stream = BufReader::with_capacity(1 << 16, self.gateway().stream("watch", &request)?);
        for message in serde_json::Deserializer::from_reader(stream).into_iter() {
            let message: Message = message.context("the watch breaks off")?;
            let response = message
                .result
                .with_context(|| format!("{:?}", message.error))?;
            if response.compact_revision != Int(0) {
                return Ok(Watched::Compacted(response.compact_revision.signed()));
            }
            ensure!(
                !response.canceled,
                "watch cancelled: {}",
                response.cancel_reason
            );
            events.extend(response.events);
            if events.last().is_some_and(|event| event.revision() >= last) {
                events.retain(|event| event.revision() <= last);
                return Ok(Watched::Events(events));
            }
        }
        bail!("the watch ends before revision {last}")
    }
}
