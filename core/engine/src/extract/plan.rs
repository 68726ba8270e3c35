//! What is written to which key, and how much of it at once: pure.

use client::{KeyChange, KeyValue, Write};

use crate::keyspace::Difference;

/// What is done with keys that are not gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// With those that hold something else.
    pub changed: Changed,
    /// With those that the backup does not have.
    pub extra: Extra,
}

/// What is done with keys that hold something else than in the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// They stay.
    Leave,
    /// They get the value that they have in the backup.
    Overwrite,
}

/// What is done with keys that the backup does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// They stay.
    Leave,
    /// They are deleted.
    Delete,
}

/// What is written because of a difference from the backup to the etcd; none where the key stays as it is. One that was only
/// written again holds what it should.
pub(super) fn decide(difference: &Difference, rules: Rules) -> Option<Write> {
    match (difference, rules) {
        (Difference::Removed(backup), _) => Some(put(backup, 0)),
        (
            Difference::Changed { from, to },
            Rules {
                changed: Changed::Overwrite,
                ..
            },
        ) => Some(put(from, to.mod_revision)),
        (
            Difference::Added(live),
            Rules {
                extra: Extra::Delete,
                ..
            },
        ) => Some(Write {
            key: live.key.clone(),
            seen: live.mod_revision,
            change: KeyChange::Delete,
        }),
        (Difference::Changed { .. } | Difference::Added(_) | Difference::Rewritten { .. }, _) => {
            None
        }
    }
}

fn put(backup: &KeyValue, seen: i64) -> Write {
    Write {
        key: backup.key.clone(),
        seen,
        change: KeyChange::Put(backup.value.clone()),
    }
}

/// etcd takes so many operations in one transaction unless it is told otherwise (`--max-txn-ops`).
const OPERATIONS: usize = 128;

/// It takes requests of 1.5 MiB (`--max-request-bytes`). So many bytes leave room for what is around them.
const BYTES: usize = 1 << 20;

/// How many more writes fit into a transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    operations: usize,
    bytes: usize,
}

impl Room {
    /// An empty transaction.
    pub(super) const ALL: Self = Self {
        operations: OPERATIONS,
        bytes: BYTES,
    };

    /// What is left after this one; none if it does not fit. One alone always does: then etcd says whether it takes it.
    pub(super) fn after(self, write: &Write) -> Option<Self> {
        let is_first = self.operations == OPERATIONS;
        let bytes = self.bytes.checked_sub(size(write));
        Some(Self {
            operations: self.operations.checked_sub(1)?,
            bytes: bytes.or(is_first.then_some(0))?,
        })
    }
}

/// The key is named when it is compared, when it is written, and when it is looked at.
fn size(write: &Write) -> usize {
    const AROUND: usize = 64;
    let value = match &write.change {
        KeyChange::Put(value) => value.len(),
        KeyChange::Delete => 0,
    };
    3 * write.key.len() + value + AROUND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyspace::differences;
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    type Keyspace = BTreeMap<u8, (i64, Vec<u8>)>;

    fn keyspace() -> impl Strategy<Value = Keyspace> {
        let value = prop::collection::vec(prop::sample::select(vec![0, b'v']), 0..2);
        prop::collection::btree_map(b'a'..=b'k', (2..9_i64, value), 0..10)
    }

    fn items(keyspace: &Keyspace) -> impl Iterator<Item = Result<KeyValue, Infallible>> {
        keyspace.iter().map(|(key, (revision, value))| {
            Ok(KeyValue {
                key: Bytes::copy_from_slice(&[*key]),
                value: value.clone().into(),
                create_revision: *revision,
                mod_revision: *revision,
                version: 1,
                lease: 0,
            })
        })
    }

    fn rules() -> impl Strategy<Value = Rules> {
        let changed = prop_oneof![Just(Changed::Leave), Just(Changed::Overwrite)];
        let extra = prop_oneof![Just(Extra::Leave), Just(Extra::Delete)];
        (changed, extra).prop_map(|(changed, extra)| Rules { changed, extra })
    }

    proptest! {
        /// What is gone comes back always; what is changed, and what is extra, goes the way of the backup only if that is asked
        /// for; and each write demands just what was seen.
        #[test]
        fn a_plan_makes_what_was_asked_for(backup in keyspace(), live in keyspace(), rules in rules()) {
            let mut made: BTreeMap<u8, Vec<u8>> = live.iter().map(|(key, (_, value))| (*key, value.clone())).collect();
            for difference in differences(items(&backup), items(&live)) {
                let Some(write) = decide(&difference.unwrap(), rules) else { continue };
                let key = write.key[0];
                prop_assert_eq!(write.seen, live.get(&key).map_or(0, |(revision, _)| *revision));
                match write.change {
                    KeyChange::Put(value) => drop(made.insert(key, value.to_vec())),
                    KeyChange::Delete => drop(made.remove(&key)),
                }
            }
            for key in b'a'..=b'k' {
                let (was, is) = (backup.get(&key).map(|one| &one.1), live.get(&key).map(|one| &one.1));
                let meant = match (was, is) {
                    (Some(was), None) => Some(was),
                    (Some(was), Some(_)) if rules.changed == Changed::Overwrite => Some(was),
                    (None, Some(_)) if rules.extra == Extra::Delete => None,
                    (_, is) => is,
                };
                prop_assert_eq!(made.get(&key), meant);
            }
        }

        /// A transaction keeps within the limits of etcd, unless one write alone is above them.
        #[test]
        fn a_transaction_keeps_within_limits(sizes in prop::collection::vec(prop_oneof![0..200_usize, 0..1_600_000_usize], 1..400)) {
            let (mut room, mut operations, mut bytes) = (Room::ALL, 0, 0);
            for length in sizes {
                let write = Write {
                    key: Bytes::from_static(b"key"),
                    seen: 0,
                    change: KeyChange::Put(vec![0; length].into()),
                };
                room = match room.after(&write) {
                    Some(room) => room,
                    None => {
                        (operations, bytes) = (0, 0);
                        Room::ALL.after(&write).unwrap()
                    }
                };
                operations += 1;
                bytes += length;
                prop_assert!(operations <= 128);
                prop_assert!(bytes <= 1 << 20 || operations == 1);
            }
        }
    }
}
