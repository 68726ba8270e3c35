//! The versions that are asked for, picked out of all entries of a chain.

use std::collections::BTreeMap;

use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind};

use super::answer::Version;
use super::request::{Detail, Span};
use crate::keyspace::Keys;

/// What a version takes beside its key and its value, about.
const OVERHEAD: usize = size_of::<Version>();

/// It takes more memory than it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// Those that were found so far. Entries may come in any order, each once.
#[derive(Debug)]
pub(super) struct Gathered {
    keys: Keys,
    detail: Detail,
    found: Found,
    free: usize,
}

#[derive(Debug)]
enum Found {
    /// The newest of each key, a deletion too: it says that older ones do not count.
    Newest(BTreeMap<Vec<u8>, Version>),
    All(Vec<Version>),
}

impl Gathered {
    /// `memory` is in bytes.
    pub(super) fn new(keys: Keys, span: Span, detail: Detail, memory: usize) -> Self {
        Self {
            keys,
            detail,
            found: match span {
                Span::State => Found::Newest(BTreeMap::new()),
                Span::History => Found::All(Vec::new()),
            },
            free: memory,
        }
    }

    /// Looks at an entry of the key bucket.
    pub(super) fn see(&mut self, entry: Entry, kv: &KeyValue<'_>) -> Result<(), TooMuch> {
        // With the one entry that has no key, `snapshot restore --bump-revision` raises the revision.
        if kv.key.is_empty() || !self.keys.has(kv.key) {
            return Ok(());
        }
        let free = match &self.found {
            Found::All(_) => self.free,
            Found::Newest(newest) => match newest.get(kv.key) {
                Some(held) if held.revision > entry.revision => return Ok(()),
                // What is replaced gives its memory back.
                held => self.free + held.map_or(0, size),
            },
        };
        let version = version(entry, kv, self.detail);
        self.free = free.checked_sub(size(&version)).ok_or(TooMuch)?;
        match &mut self.found {
            Found::All(all) => all.push(version),
            Found::Newest(newest) => drop(newest.insert(version.key.clone(), version)),
        }
        Ok(())
    }

    /// Whether no older entry can change it any more.
    pub(super) fn is_decided(&self) -> bool {
        match (&self.keys, &self.found) {
            (Keys::One(_), Found::Newest(newest)) => !newest.is_empty(),
            _ => false,
        }
    }

    /// A state in the order of its keys, a history in that of its revisions.
    pub(super) fn into_versions(self) -> Vec<Version> {
        match self.found {
            Found::Newest(newest) => {
                let live = |version: &Version| version.kind == Kind::Put;
                newest.into_values().filter(live).collect()
            }
            Found::All(mut all) => {
                all.sort_unstable_by_key(|version| version.revision);
                all
            }
        }
    }
}

fn version(entry: Entry, kv: &KeyValue<'_>, detail: Detail) -> Version {
    let is_whole = detail == Detail::Whole && entry.kind == Kind::Put;
    Version {
        key: kv.key.to_vec(),
        kind: entry.kind,
        revision: entry.revision,
        create_revision: kv.create_revision,
        version: kv.version,
        lease: kv.lease,
        value: is_whole.then(|| kv.value.to_vec()),
        value_len: kv.value.len(),
    }
}

fn size(version: &Version) -> usize {
    let value = version.value.as_ref().map_or(0, Vec::len);
    OVERHEAD + version.key.len() + value
}

#[cfg(test)]
mod tests {
    use super::*;
    use etcd::revision::Revision;
    use proptest::prelude::*;

    /// A put or a deletion of one of six keys, one a revision.
    fn history() -> impl Strategy<Value = Vec<(String, Option<Vec<u8>>)>> {
        let key = prop::sample::select(vec!["/a", "/a/b", "/a/c", "/b", "a", "zz"]);
        let value = prop::option::weighted(0.7, prop::collection::vec(any::<u8>(), 0..9));
        prop::collection::vec((key.prop_map(str::to_owned), value), 0..40)
    }

    fn keys() -> impl Strategy<Value = Keys> {
        let bytes = prop::sample::select(vec!["", "/a", "/a/b", "/b", "m", "zzz"]);
        let bytes = || bytes.clone().prop_map(|key| key.as_bytes().to_vec());
        prop_oneof![
            bytes().prop_map(Keys::One),
            bytes().prop_map(Keys::Prefix),
            bytes().prop_map(Keys::From),
            (bytes(), bytes()).prop_map(|(first, end)| Keys::Range(first, end)),
        ]
    }

    fn entries(history: &[(String, Option<Vec<u8>>)]) -> Vec<(Entry, KeyValue<'_>)> {
        let numbered = (2..).zip(history);
        let entries = numbered.map(|(main, (key, value))| {
            let revision = Revision::new(main, 0);
            let entry = match value {
                Some(_) => Entry::put(revision),
                None => Entry::tombstone(revision),
            };
            let kv = KeyValue {
                key: key.as_bytes(),
                value: value.as_deref().unwrap_or_default(),
                ..KeyValue::default()
            };
            (entry, kv)
        });
        entries.collect()
    }

    /// A map that is written front to back: what etcd would answer.
    fn meant(history: &[(String, Option<Vec<u8>>)], keys: &Keys) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut state = BTreeMap::new();
        for (key, value) in history {
            match value {
                Some(value) => drop(state.insert(key.clone().into_bytes(), value.clone())),
                None => drop(state.remove(key.as_bytes())),
            }
        }
        state.retain(|key, _| keys.has(key));
        state.into_iter().collect()
    }

    proptest! {
        /// Deltas come oldest first and the full newest first: the order says nothing.
        #[test]
        fn a_state_is_what_the_last_events_leave(history in history(), keys in keys(), seed: u64) {
            let mut entries = entries(&history);
            fastrand::Rng::with_seed(seed).shuffle(&mut entries);
            let mut gathered = Gathered::new(keys.clone(), Span::State, Detail::Whole, usize::MAX);
            for (entry, kv) in &entries {
                prop_assert_eq!(gathered.see(*entry, kv), Ok(()));
            }
            let found = gathered.into_versions().into_iter();
            let found: Vec<_> = found.map(|one| (one.key, one.value.unwrap_or_default())).collect();
            prop_assert_eq!(found, meant(&history, &keys));
        }

        #[test]
        fn a_history_is_all_of_it_in_order(history in history(), keys in keys(), seed: u64) {
            let mut entries = entries(&history);
            fastrand::Rng::with_seed(seed).shuffle(&mut entries);
            let mut gathered = Gathered::new(keys.clone(), Span::History, Detail::WithoutValue, usize::MAX);
            for (entry, kv) in &entries {
                prop_assert_eq!(gathered.see(*entry, kv), Ok(()));
            }
            let found = gathered.into_versions();
            prop_assert!(found.iter().all(|one| one.value.is_none()));
            let found: Vec<_> = found.into_iter().map(|one| (one.revision.main, one.key)).collect();
            let numbered = (2..).zip(&history).map(|(main, (key, _))| (main, key.clone().into_bytes()));
            let meant: Vec<_> = numbered.filter(|(_, key)| keys.has(key)).collect();
            prop_assert_eq!(found, meant);
        }

        /// One value that is put a thousand times takes the room of one: what was replaced is given back.
        #[test]
        fn what_is_held_is_within_its_memory(history in history(), keys in keys(), memory in 0..2_000_usize) {
            let mut gathered = Gathered::new(keys.clone(), Span::State, Detail::Whole, memory);
            let fits = entries(&history).iter().try_for_each(|(entry, kv)| gathered.see(*entry, kv));
            let Found::Newest(newest) = &gathered.found else {
                return Err(TestCaseError::fail("a state"));
            };
            let held: usize = newest.values().map(size).sum();
            prop_assert!(held <= memory, "{} of {}", held, memory);
            if fits.is_ok() {
                prop_assert_eq!(gathered.free, memory - held);
            }
        }
    }
}
