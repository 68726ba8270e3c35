use std::collections::HashSet;

use super::auth_request::AuthRequest;
use super::key::Key;
use super::kind::Kind;
use super::kv_request::{Keys, Op, Put, Txn};

/// What each key costs besides its bytes.
const OVERHEAD: usize = 64;

/// The keys of a database that matter to a log: those that its requests name, and those that hang
/// on leases that it ends.
#[derive(Debug, Default)]
pub(super) struct Footprint {
    keys: HashSet<Key>,
    /// First key, and the end; `None` for no end. Sorted and disjoint once [`finish`] ran.
    ///
    /// [`finish`]: Footprint::finish
    ranges: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    leases: HashSet<i64>,
    /// Of puts: with users checked, a put is refused if its lease has keys that the user may not
    /// write.
    put_leases: HashSet<i64>,
    users_checked: bool,
    held: usize,
}

impl Footprint {
    /// Of no request yet. `users_checked`: whether they are when the log begins.
    pub(super) fn new(users: Users) -> Self {
        Self {
            users_checked: users == Users::Checked,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, kind: &Kind<'_>) {
        match kind {
            Kind::Put(put) => self.add_put(put),
            Kind::DeleteRange(delete) => self.add_keys(delete.keys),
            Kind::Txn(txn) => self.add_txn(txn),
            Kind::LeaseRevoke { id } => drop(self.leases.insert(*id)),
            Kind::Auth(AuthRequest::Enable) => self.users_checked = true,
            _ => {}
        }
    }

    /// Must be called once, after the last request.
    pub(super) fn finish(&mut self) {
        if self.users_checked {
            self.leases.extend(self.put_leases.drain());
        }
        self.ranges.sort();
        let mut merged: Vec<(Vec<u8>, Option<Vec<u8>>)> = Vec::new();
        for (first, end) in std::mem::take(&mut self.ranges) {
            match merged.last_mut() {
                Some((_, None)) => break,
                Some((_, Some(before))) if *before >= first => match end {
                    Some(end) => *before = end.max(std::mem::take(before)),
                    None => {
                        if let Some(last) = merged.last_mut() {
                            last.1 = None;
                        }
                    }
                },
                _ => merged.push((first, end)),
            }
        }
        self.ranges = merged;
    }

    /// Whether this key, put with this lease, matters.
    pub(super) fn touches(&self, key: &[u8], lease: i64) -> bool {
        lease != 0 && self.leases.contains(&lease) || self.keys.contains(key) || self.in_range(key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.ranges.is_empty() && self.leases.is_empty()
    }

    /// About how many bytes this holds.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    fn in_range(&self, key: &[u8]) -> bool {
        let after = self
            .ranges
            .partition_point(|(first, _)| first.as_slice() <= key);
        let Some((_, end)) = after.checked_sub(1).and_then(|at| self.ranges.get(at)) else {
            return false;
        };
        end.as_deref().is_none_or(|end| key < end)
    }

    fn add_put(&mut self, put: &Put<'_>) {
        self.add_key(put.key);
        if put.lease != 0 {
            self.put_leases.insert(put.lease);
        }
    }

    fn add_txn(&mut self, txn: &Txn<'_>) {
        for compare in &txn.compare {
            self.add_keys(compare.keys);
        }
        for op in txn.success.iter().chain(&txn.failure) {
            match op {
                Op::Put(put) => self.add_put(put),
                Op::DeleteRange(delete) => self.add_keys(delete.keys),
                Op::Txn(txn) => self.add_txn(txn),
                Op::Range(_) | Op::Nothing => {}
            }
        }
    }

    fn add_keys(&mut self, keys: Keys<'_>) {
        let end = match keys.end {
            [] => return self.add_key(keys.key),
            [0] => None,
            end if end <= keys.key => return,
            end => Some(end.to_vec()),
        };
        self.held += keys.key.len() + keys.end.len() + OVERHEAD;
        self.ranges.push((keys.key.to_vec(), end));
    }

    fn add_key(&mut self, key: &[u8]) {
        if !self.keys.contains(key) {
            self.held += key.len() + OVERHEAD;
            self.keys.insert(key.into());
        }
    }
}

/// Whether requests are checked against the permissions of who made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Users {
    Checked,
    Ignored,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(ranges: &[(Vec<u8>, Vec<u8>)], key: &[u8]) -> bool {
        ranges.iter().any(|(first, end)| match end.as_slice() {
            [] => key == first.as_slice(),
            [0] => key >= first.as_slice(),
            end => key >= first.as_slice() && key < end,
        })
    }

    proptest! {
        #[test]
        fn merged_ranges_hold_what_the_single_ones_hold(
            ranges: Vec<(Vec<u8>, Vec<u8>)>,
            keys: Vec<Vec<u8>>,
        ) {
            let mut footprint = Footprint::new(Users::Ignored);
            for (key, end) in &ranges {
                footprint.add_keys(Keys { key, end });
            }
            footprint.finish();
            let ends = ranges.iter().flat_map(|(first, end)| [first, end]);
            for key in keys.iter().chain(ends) {
                prop_assert_eq!(footprint.touches(key, 0), naive(&ranges, key));
            }
        }
    }
}
