use std::collections::BTreeMap;

use crate::etcd::{Bytes, Change, Event, KeyValue, State};

/// The state after `revision`, out of all events since the first: what an etcd that compacted
/// since cannot tell any more.
pub(super) fn state_at(events: &[Event], revision: i64) -> State {
    let mut live: BTreeMap<&Bytes, &KeyValue> = BTreeMap::new();
    for event in events
        .iter()
        .take_while(|event| event.revision() <= revision)
    {
        match event.change {
            Change::Put => live.insert(&event.kv.key, &event.kv),
            Change::Delete => live.remove(&event.kv.key),
        };
    }
    State::new(revision, live.into_values().cloned().collect())
}
