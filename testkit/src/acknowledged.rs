//! What an etcd has acknowledged, and what it must hold after whatever has happened to it. Pure.

use std::collections::BTreeMap;

use crate::etcd::{KeyValue, State};

/// Puts and deletes of keys, one after another: those that were acknowledged, and those of which nobody knows.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    keys: BTreeMap<Vec<u8>, Key>,
    taken: u64,
}

#[derive(Debug, Clone, Default)]
struct Key {
    taken: Vec<Taken>,
    /// What may have been written at any time since.
    unknown: Vec<Option<Vec<u8>>>,
}

/// A write that was acknowledged; of no value: the key was deleted.
#[derive(Debug, Clone)]
struct Taken {
    revision: i64,
    value: Option<Vec<u8>>,
}

impl Writes {
    /// etcd has said that this was written, at this revision. `value`: none where the key was deleted.
    pub fn taken(&mut self, key: &[u8], value: Option<Vec<u8>>, revision: i64) {
        self.taken += 1;
        let key = self.keys.entry(key.to_vec()).or_default();
        key.taken.push(Taken { revision, value });
    }

    /// It was asked for, and there was no answer: it may have been written, and may be yet.
    pub fn unknown(&mut self, key: &[u8], value: Option<Vec<u8>>) {
        self.keys
            .entry(key.to_vec())
            .or_default()
            .unknown
            .push(value);
    }

    /// How many writes were acknowledged, lost ones included.
    pub fn count(&self) -> u64 {
        self.taken
    }

    /// The highest revision that was acknowledged; 0 for none.
    pub fn newest(&self) -> i64 {
        let newest = |key: &Key| key.taken.last().map(|taken| taken.revision);
        self.keys.values().filter_map(newest).max().unwrap_or(0)
    }

    /// What was written after `revision` is lost: it must not come back, since its revisions count anew. How many writes
    /// that were acknowledged these are.
    pub fn lost_after(&mut self, revision: i64) -> usize {
        let mut lost = 0;
        for key in self.keys.values_mut() {
            let before = key.taken.len();
            key.taken.retain(|taken| taken.revision <= revision);
            lost += before - key.taken.len();
        }
        lost
    }

    /// The first key that `state`, all keys of now, has otherwise than it may; none where it is as it should be.
    pub fn difference(&self, state: &State) -> Option<String> {
        let found: BTreeMap<&[u8], &KeyValue> =
            state.kvs().iter().map(|kv| (&kv.key.0[..], kv)).collect();
        let unasked = found.keys().find(|key| !self.keys.contains_key(**key));
        if let Some(key) = unasked {
            return Some(format!("{}: nobody has written it", shown(key)));
        }
        let mut keys = self.keys.iter();
        keys.find_map(|(name, key)| {
            let why = key.difference(found.get(&name[..]).copied())?;
            Some(format!("{}: {why}", shown(name)))
        })
    }
}

impl Key {
    fn difference(&self, found: Option<&KeyValue>) -> Option<String> {
        let last = self.taken.last();
        let Some(found) = found else {
            let acknowledged = last.and_then(|taken| taken.value.as_ref().map(|_| taken.revision));
            let may_be_deleted = self.unknown.contains(&None);
            return acknowledged.filter(|_| !may_be_deleted).map(|revision| {
                format!("it was acknowledged at revision {revision}, and is gone")
            });
        };
        let (revision, value) = (found.mod_revision.signed(), Some(found.value.0.clone()));
        match last {
            Some(taken) if revision < taken.revision => Some(format!(
                "it is that of revision {revision}, and revision {} was acknowledged",
                taken.revision
            )),
            Some(taken) if revision == taken.revision => (value != taken.value)
                .then(|| format!("it has another value than the one acknowledged at {revision}")),
            _ => (!self.unknown.contains(&value))
                .then(|| format!("nobody has written what it has at revision {revision}")),
        }
    }
}

fn shown(key: &[u8]) -> String {
    String::from_utf8_lossy(key).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etcd::{Bytes, Int};

    /// One key, as it is found.
    fn state(revision: i64, value: &str) -> State {
        let kv = KeyValue {
            key: Bytes(b"a".to_vec()),
            mod_revision: Int::from(revision),
            value: Bytes(value.into()),
            ..KeyValue::default()
        };
        State::new(revision, vec![kv])
    }

    fn none() -> State {
        State::new(9, Vec::new())
    }

    fn put(value: &str) -> Option<Vec<u8>> {
        Some(value.into())
    }

    #[test]
    fn what_was_acknowledged_is_there_and_nothing_else() {
        let mut writes = Writes::default();
        writes.taken(b"a", put("1"), 2);
        writes.taken(b"a", put("2"), 3);
        assert_eq!(writes.difference(&state(3, "2")), None);
        for wrong in [
            none(),
            state(2, "1"),
            state(3, "1"),
            state(4, "1"),
            state(4, "3"),
        ] {
            assert!(writes.difference(&wrong).is_some(), "{wrong:?}");
        }
        assert!(Writes::default().difference(&state(2, "1")).is_some());
    }

    #[test]
    fn what_was_not_answered_may_be_there_at_any_time() {
        let mut writes = Writes::default();
        writes.unknown(b"a", put("0"));
        assert_eq!(writes.difference(&none()), None);
        writes.taken(b"a", put("1"), 3);
        writes.unknown(b"a", put("2"));
        for right in [state(3, "1"), state(4, "2"), state(4, "0")] {
            assert_eq!(writes.difference(&right), None, "{right:?}");
        }
        // But not in place of what was acknowledged after it.
        for wrong in [none(), state(2, "0"), state(3, "2"), state(4, "3")] {
            assert!(writes.difference(&wrong).is_some(), "{wrong:?}");
        }
        writes.unknown(b"a", None);
        assert_eq!(writes.difference(&none()), None);
    }

    #[test]
    fn what_was_deleted_is_gone() {
        let mut writes = Writes::default();
        writes.taken(b"a", put("1"), 2);
        writes.taken(b"a", None, 3);
        assert_eq!(writes.difference(&none()), None);
        for wrong in [state(2, "1"), state(4, "1")] {
            assert!(writes.difference(&wrong).is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_lost_does_not_come_back() {
        let mut writes = Writes::default();
        writes.taken(b"a", put("1"), 2);
        writes.taken(b"a", put("2"), 3);
        writes.taken(b"a", put("3"), 4);
        assert_eq!(writes.lost_after(2), 2);
        assert_eq!((writes.newest(), writes.count()), (2, 3));
        assert_eq!(writes.difference(&state(2, "1")), None);
        for wrong in [state(3, "2"), state(4, "3"), none()] {
            assert!(writes.difference(&wrong).is_some(), "{wrong:?}");
        }
    }
}
