//! What a delta holds, to be compared with what another one does.

use std::collections::BTreeMap;
use std::io::Read;

use xxhash_rust::xxh3::Xxh3;

use crate::backups::delta::{Batch, DeltaReader, HashCheck, LeasePolicy, ReadOptions, Times};
use crate::backups::fetch::{Source, unreadable};
use crate::backups::{Result, Snapshot, content};
use crate::session::Session;

/// The length of the SHA-256 after the content.
const HASH: usize = 32;

/// The events of a delta, and the text that they stand in.
#[derive(Debug)]
pub(super) struct Events {
    /// A hash over the events of each revision, their times and leases included.
    by_revision: BTreeMap<i64, u128>,
    /// Between `[` and `]`.
    pub(super) list: Vec<u8>,
}

impl Events {
    /// Fetches a delta, and reads all of it: its hash, its events, its name.
    pub(super) fn fetch(session: &Session, delta: &Snapshot) -> Result<Self> {
        let mut content = Vec::new();
        let mut object = content::open(session, delta, HashCheck::Required);
        let read = object.read_to_end(&mut content);
        read.map_err(|error| unreadable(session, delta, error))?;
        let source = Source {
            session: session.clone(),
            options: ReadOptions {
                hash: HashCheck::Required,
                leases: LeasePolicy::Keep,
                seed: session.seed,
                times: Times::Parsed,
            },
        };
        let mut reader = DeltaReader::new(&delta.name, &*content, source.options);
        let mut by_revision = BTreeMap::new();
        let mut batch = Batch::default();
        loop {
            let more = reader.next_batch(&mut batch);
            if !more.map_err(|error| source.failure(delta, error))? {
                break;
            }
            for event in batch.events() {
                let mut hash = Xxh3::with_seed(session.seed);
                let revision = event.entry.revision.main;
                let before: u128 = by_revision.get(&revision).copied().unwrap_or_default();
                let (key, value) = batch.entry(event);
                let ttl = event.lease_ttl.unwrap_or_default();
                hash.update(&before.to_le_bytes());
                hash.update(&event.time.to_le_bytes());
                hash.update(&ttl.to_le_bytes());
                hash.update(key);
                hash.update(value);
                by_revision.insert(revision, hash.digest128());
            }
        }
        content.truncate(content.len().saturating_sub(HASH));
        Ok(Self {
            by_revision,
            list: inside(&content).to_vec(),
        })
    }

    /// Whether all of these events are among the others, and alike.
    pub(super) fn are_in(&self, other: &Self) -> bool {
        let is_there =
            |(revision, hash): (&i64, &u128)| other.by_revision.get(revision) == Some(hash);
        self.by_revision.iter().all(is_there)
    }

    /// How many revisions there are.
    pub(super) fn revisions(&self) -> usize {
        self.by_revision.len()
    }
}

/// What stands between the brackets of a list that was parsed.
fn inside(list: &[u8]) -> &[u8] {
    let list = list.trim_ascii();
    let list = list.strip_prefix(b"[").unwrap_or(list);
    list.strip_suffix(b"]").unwrap_or(list).trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn the_list_is_what_stands_in_it() {
        assert_eq!(inside(b"[{\"a\":[1]}]"), b"{\"a\":[1]}");
        assert_eq!(inside(b" [ 1,2 ]\n"), b"1,2");
        assert_eq!(inside(b"[]"), b"");
    }
}
