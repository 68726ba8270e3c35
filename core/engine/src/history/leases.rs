//! The leases that restored keys hang on. Deltas name leases but do not carry them: one that the
//! full does not hold is recreated, so that no value names a lease that does not exist. (etcd
//! takes such a value, and a later put with `ignore_lease` then makes it panic at every start.)

use std::collections::BTreeMap;

use etcd::lease::{LONGEST_TTL, Lease};

/// Seconds that a lease gets of which no time to live is known, unless somebody says otherwise.
pub(crate) const UNKNOWN_TTL: i64 = 86_400;

/// The leases that values written by deltas name, with the longest time recorded beside them.
#[derive(Debug, Default)]
pub(crate) struct Named {
    ttl: BTreeMap<i64, Option<i64>>,
}

/// What became of leases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct LeaseCounts {
    /// Those in the full.
    pub kept: usize,
    /// Known from deltas only; recreated with the time recorded beside them.
    pub recreated: usize,
    /// Known from deltas only, no time recorded; recreated with `--unknown-lease-ttl`.
    pub recreated_with_default: usize,
}

/// The content of the lease bucket.
pub(crate) type Bucket = BTreeMap<Vec<u8>, Vec<u8>>;

impl Named {
    /// A value names `lease`.
    pub(crate) fn add(&mut self, lease: i64, ttl: Option<i64>) {
        if lease == 0 {
            return;
        }
        // Whatever is written there, no lease was granted for nothing or less.
        let ttl = ttl.filter(|seconds| *seconds > 0);
        let known = self.ttl.entry(lease).or_default();
        *known = (*known).max(ttl);
    }

    /// The lease bucket: what the base holds, and the missing ones with `default_ttl` seconds
    /// where nothing better is known.
    pub(crate) fn complete(&self, mut bucket: Bucket, default_ttl: i64) -> (Bucket, LeaseCounts) {
        let mut counts = LeaseCounts {
            kept: bucket.len(),
            ..LeaseCounts::default()
        };
        for (id, recorded) in &self.ttl {
            let lease = Lease {
                id: *id,
                ttl: recorded.unwrap_or(default_ttl).min(LONGEST_TTL),
                remaining_ttl: 0,
            };
            let key = lease.key().to_vec();
            if bucket.contains_key(&key) {
                continue;
            }
            bucket.insert(key, lease.to_bytes());
            match recorded {
                Some(_) => counts.recreated += 1,
                None => counts.recreated_with_default += 1,
            }
        }
        (bucket, counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_of_the_full_keep_their_time_and_others_are_recreated() {
        let held = Lease {
            id: 7,
            ttl: 60,
            remaining_ttl: 0,
        };
        let bucket = BTreeMap::from([(held.key().to_vec(), held.to_bytes())]);
        let mut named = Named::default();
        for (lease, ttl) in [
            (0, None),
            (7, None),
            (8, Some(30)),
            (8, Some(20)),
            (9, None),
            (10, Some(0)),
            (11, Some(-1)),
            (12, Some(i64::MAX)),
        ] {
            named.add(lease, ttl);
        }
        let (bucket, counts) = named.complete(bucket, 86_400);
        let ttls: Vec<_> = bucket
            .iter()
            .map(|(key, value)| Lease::parse(key, value).unwrap())
            .map(|lease| (lease.id, lease.ttl))
            .collect();
        let day = 86_400;
        let known = [(7, 60), (8, 30), (9, day)];
        // No time, or one that etcd's clock cannot hold, would end the lease at its start.
        let mended = [(10, day), (11, day), (12, LONGEST_TTL)];
        assert_eq!(ttls, [known, mended].concat());
        assert_eq!(
            (counts.kept, counts.recreated, counts.recreated_with_default),
            (1, 2, 3)
        );
    }
}
