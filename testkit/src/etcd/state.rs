use std::cmp::Ordering;

use serde::Deserialize;

use super::{Int, KeyValue};

/// The answer to a range over everything, as the gateway and `etcdctl get -w json` write it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct State {
    header: Header,
    #[serde(default)]
    kvs: Vec<KeyValue>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Header {
    #[serde(default)]
    pub(super) cluster_id: Int,
    #[serde(default)]
    pub(super) member_id: Int,
    #[serde(default)]
    pub(super) revision: Int,
}

impl State {
    /// What an etcd at `revision` would answer that holds `kvs`, which are in order.
    pub fn new(revision: i64, kvs: Vec<KeyValue>) -> Self {
        let header = Header {
            revision: revision.into(),
            ..Header::default()
        };
        Self { header, kvs }
    }

    /// The revision of the store when it answered.
    pub fn revision(&self) -> i64 {
        self.header.revision.signed()
    }

    /// The keys, in order.
    pub fn kvs(&self) -> &[KeyValue] {
        &self.kvs
    }

    /// The leases that keys hang on, in order, once each.
    pub fn leases(&self) -> Vec<i64> {
        let mut leases: Vec<i64> = self.kvs.iter().map(|kv| kv.lease.signed()).collect();
        leases.retain(|lease| *lease != 0);
        leases.sort_unstable();
        leases.dedup();
        leases
    }

    /// The same, where what was written after `revision` hangs on no lease.
    pub fn without_leases_after(mut self, revision: i64) -> Self {
        let is_after = |kv: &&mut KeyValue| kv.mod_revision.signed() > revision;
        for kv in self.kvs.iter_mut().filter(is_after) {
            kv.lease = Int(0);
        }
        self
    }

    /// The first key that `other` has otherwise; `None` when all keys are the same in every field.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let (mut ours, mut theirs) = (self.kvs.iter().peekable(), other.kvs.iter().peekable());
        loop {
            let what = match (ours.peek(), theirs.peek()) {
                (None, None) => return None,
                (Some(one), None) => format!("only the first has {one:?}"),
                (None, Some(one)) => format!("only the second has {one:?}"),
                (Some(one), Some(two)) if one == two => {
                    ours.next();
                    theirs.next();
                    continue;
                }
                (Some(one), Some(two)) => match one.key.cmp(&two.key) {
                    Ordering::Less => format!("only the first has {one:?}"),
                    Ordering::Greater => format!("only the second has {two:?}"),
                    Ordering::Equal => format!("{one:?} differs from {two:?}"),
                },
            };
            return Some(format!(
                "{what} ({} keys and {})",
                self.kvs.len(),
                other.kvs.len()
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(kvs: &str) -> State {
        serde_json::from_str(&format!(r#"{{"header":{{"revision":"7"}},"kvs":[{kvs}]}}"#)).unwrap()
    }

    /// The gateway quotes 64-bit numbers and etcdctl does not.
    #[test]
    fn both_ways_to_write_an_answer_are_the_same() {
        let max = i64::MAX;
        let gateway = state(&format!(
            r#"{{"key":"YQ==","lease":"{max}","version":"1"}}"#
        ));
        let etcdctl = state(&format!(r#"{{"key":"YQ==","lease":{max},"version":1}}"#));
        assert_eq!(gateway, etcdctl);
        assert_eq!((gateway.revision(), gateway.leases()), (7, vec![max]));
    }

    #[test]
    fn every_difference_is_found() {
        let [a, b] = ["YQ==", "Yg=="].map(|key| format!(r#"{{"key":"{key}"}}"#));
        let both = state(&format!("{a},{b}"));
        assert_eq!(both.difference(&both), None);
        for other in [
            String::new(),
            a.clone(),
            b.clone(),
            format!(r#"{a},{{"key":"Yg==","lease":"1"}}"#),
            format!(r#"{a},{{"key":"Yg==","value":"YQ=="}}"#),
            format!(r#"{a},{b},{{"key":"Yw=="}}"#),
        ] {
            let other = state(&other);
            assert!(both.difference(&other).is_some(), "{other:?}");
            assert!(other.difference(&both).is_some(), "{other:?}");
        }
    }
}
