//! A state of backups: its keys in memory, and what they hold in a file without a name.

use std::collections::BTreeMap;
use std::collections::btree_map::Iter;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use client::KeyValue as Item;
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind, Revision};

use super::error::{Error, Result};
use super::keys::Keys;
use super::pick::Pick;
use crate::error::Error as System;

/// What a key takes beside its bytes, about: the entry of a tree whose nodes are not full.
const OVERHEAD: usize = 2 * size_of::<(Box<[u8]>, Place)>();

/// The newest entry of each key that is meant.
#[derive(Debug)]
pub(super) struct Kept {
    keys: Keys,
    /// A deletion too: it says that older entries do not count.
    newest: BTreeMap<Box<[u8]>, Place>,
    free: usize,
    memory: usize,
    values: BufWriter<File>,
    end: u64,
    temp_dir: PathBuf,
}

/// Where the value of the newest entry lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    revision: Revision,
    offset: u64,
    length: u32,
    kind: Kind,
}

impl Kept {
    /// Values go into a file in `temp_dir`; `memory` is in bytes.
    pub(super) fn create(keys: Keys, memory: usize, temp_dir: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(temp_dir);
        let file = file.map_err(System::io("create a temporary file in", temp_dir))?;
        Ok(Self {
            keys,
            newest: BTreeMap::new(),
            free: memory,
            memory,
            values: BufWriter::with_capacity(1 << 18, file),
            end: 0,
            temp_dir: temp_dir.to_owned(),
        })
    }

    /// The key is held once, however often it was written.
    fn hold(&mut self, key: &[u8], place: Place) -> Result<()> {
        if let Some(held) = self.newest.get_mut(key) {
            *held = place;
            return Ok(());
        }
        let memory = self.memory;
        let left = self.free.checked_sub(OVERHEAD + key.len());
        self.free = left.ok_or(Error::TooManyKeys { memory })?;
        self.newest.insert(key.into(), place);
        Ok(())
    }

    /// All that is written can be read from now on.
    pub(super) fn finish(&mut self) -> Result<()> {
        let flushed = self.values.flush();
        Ok(flushed.map_err(System::io("write a temporary file in", &self.temp_dir))?)
    }

    /// The keys that exist, in their order.
    pub(super) fn items(&self) -> Items<'_> {
        Items {
            kept: self,
            places: self.newest.iter(),
        }
    }

    fn read(&self, key: &[u8], place: &Place) -> Result<Item> {
        let mut value = vec![0; place.length as usize];
        let read = self
            .values
            .get_ref()
            .read_exact_at(&mut value, place.offset);
        read.map_err(System::io("read a temporary file in", &self.temp_dir))?;
        let decoded = KeyValue::decode(&value);
        let kv = decoded.map_err(|malformed| Error::FailedCheck(malformed.to_string()))?;
        if kv.key != key {
            let what = "a temporary file holds another key than was written to it";
            return Err(Error::FailedCheck(what.to_owned()));
        }
        Ok(Item {
            key: Bytes::copy_from_slice(kv.key),
            value: Bytes::copy_from_slice(kv.value),
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            version: kv.version,
            lease: kv.lease,
        })
    }
}

impl Pick for Kept {
    type Error = Error;

    fn see(&mut self, entry: Entry, value: &[u8], kv: &KeyValue<'_>) -> Result<()> {
        // With the one entry that has no key, `snapshot restore --bump-revision` raises the revision.
        if kv.key.is_empty() || !self.keys.has(kv.key) {
            return Ok(());
        }
        let held = self.newest.get(kv.key);
        if held.is_some_and(|held| held.revision > entry.revision) {
            return Ok(());
        }
        let value = match entry.kind {
            Kind::Put => value,
            Kind::Tombstone => &[],
        };
        let length = u32::try_from(value.len()).map_err(io::Error::other);
        let written = length.and_then(|length| self.values.write_all(value).map(|()| length));
        let length = written.map_err(System::io("write a temporary file in", &self.temp_dir))?;
        let place = Place {
            revision: entry.revision,
            offset: self.end,
            length,
            kind: entry.kind,
        };
        self.end += u64::from(length);
        self.hold(kv.key, place)
    }

    fn is_decided(&self) -> bool {
        matches!(self.keys, Keys::One(_)) && !self.newest.is_empty()
    }
}

/// The keys of a state, read one by one.
pub(super) struct Items<'k> {
    kept: &'k Kept,
    places: Iter<'k, Box<[u8]>, Place>,
}

impl Iterator for Items<'_> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let (key, place) = self.places.find(|(_, place)| place.kind == Kind::Put)?;
        Some(self.kept.read(key, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A put or a deletion of one of a few keys, one a revision.
    fn history() -> impl Strategy<Value = Vec<(&'static str, Option<Vec<u8>>)>> {
        let key = prop::sample::select(vec!["/a", "/a/b", "/a/c", "/b", "zz"]);
        let value = prop::option::weighted(0.7, prop::collection::vec(any::<u8>(), 0..9));
        prop::collection::vec((key, value), 0..40)
    }

    fn see(kept: &mut Kept, main: i64, key: &str, value: Option<&[u8]>) -> Result<()> {
        let revision = Revision::new(main, 0);
        let entry = value.map_or(Entry::tombstone(revision), |_| Entry::put(revision));
        let kv = KeyValue {
            key: key.as_bytes(),
            value: value.unwrap_or_default(),
            mod_revision: main,
            ..KeyValue::default()
        };
        let mut encoded = Vec::new();
        kv.encode_put(&mut encoded);
        kept.see(entry, &encoded, &kv)
    }

    proptest! {
        /// Deltas come oldest first and the full newest first: the order says nothing.
        #[test]
        fn a_state_is_what_the_last_events_leave(history in history(), seed: u64) {
            let keys = Keys::Prefix(b"/a".to_vec());
            let mut kept = Kept::create(keys.clone(), usize::MAX, &std::env::temp_dir()).unwrap();
            let mut meant = BTreeMap::new();
            let mut numbered: Vec<_> = (2..).zip(&history).collect();
            for (main, (key, value)) in &numbered {
                match value {
                    Some(value) => drop(meant.insert(*key, (*main, value.clone()))),
                    None => drop(meant.remove(key)),
                }
            }
            meant.retain(|key, _| keys.has(key.as_bytes()));
            fastrand::Rng::with_seed(seed).shuffle(&mut numbered);
            for (main, (key, value)) in numbered {
                see(&mut kept, main, key, value.as_deref()).unwrap();
            }
            kept.finish().unwrap();
            let found: Vec<_> = kept.items().map(|item| {
                let item = item.unwrap();
                (item.key.to_vec(), (item.mod_revision, item.value.to_vec()))
            }).collect();
            let meant: Vec<_> = meant.into_iter().map(|(key, value)| (key.as_bytes().to_vec(), value)).collect();
            prop_assert_eq!(found, meant);
        }
    }

    /// Values take no memory, and a key takes it once.
    #[test]
    fn only_keys_count() {
        let memory = 2 * (OVERHEAD + 1);
        let keys = Keys::Prefix(Vec::new());
        let mut kept = Kept::create(keys, memory, &std::env::temp_dir()).unwrap();
        for main in 2..10 {
            see(&mut kept, main, "a", Some(&[7; 1 << 16])).unwrap();
            see(&mut kept, main, "b", None).unwrap();
        }
        let error = see(&mut kept, 10, "c", None).unwrap_err();
        assert!(matches!(error, Error::TooManyKeys { .. }), "{error}");
    }
}
