//! How long leases were granted for, which never changes: asked once for each.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use client::Etcd;
use futures::StreamExt;
use snapstore::clock::Clock;

/// Leases that are known at most: some keys each second with leases of their own fill this in hours.
const MOST: usize = 64 << 10;

/// Questions on their way at once.
const AT_ONCE: usize = 8;

/// What is known of leases.
#[derive(Debug, Default)]
pub(super) struct Leases {
    granted: HashMap<i64, i64>,
}

impl Leases {
    /// What a lease was granted for, in seconds.
    pub(super) fn granted(&self, lease: i64) -> Option<i64> {
        self.granted.get(&lease).copied()
    }

    /// Those that have to be asked for.
    pub(super) fn unknown(&self, leases: impl Iterator<Item = i64>) -> Vec<i64> {
        let unknown: HashSet<i64> = leases
            .filter(|lease| !self.granted.contains_key(lease))
            .collect();
        unknown.into_iter().collect()
    }

    /// Takes answers. One without a time is asked for again when it comes again.
    pub(super) fn learn(&mut self, answers: Vec<(i64, Option<i64>)>) {
        if self.granted.len() + answers.len() > MOST {
            self.granted.clear();
        }
        let known = answers.into_iter().take(MOST);
        let known = known.filter_map(|(lease, granted)| Some((lease, granted?)));
        self.granted.extend(known);
    }
}

/// Asks for leases, and for no longer than `within`: events do not wait for them.
pub(super) async fn ask(
    etcd: Arc<dyn Etcd>,
    clock: Arc<dyn Clock>,
    leases: Vec<i64>,
    within: Duration,
) -> Vec<(i64, Option<i64>)> {
    let etcd = &*etcd;
    let ask = async |lease| {
        let time = etcd.lease_time(lease).await.ok().flatten();
        (lease, time.map(|time| time.granted))
    };
    let mut answers = Vec::with_capacity(leases.len());
    let mut asked = futures::stream::iter(leases)
        .map(ask)
        .buffer_unordered(AT_ONCE);
    let all = async {
        while let Some(answer) = asked.next().await {
            answers.push(answer);
        }
    };
    tokio::select! {
        () = all => {}
        () = clock.sleep(within) => {}
    }
    drop(asked);
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_asked_for_once_and_memory_is_bounded() {
        let mut leases = Leases::default();
        let mut unknown = leases.unknown([7, 8, 7].into_iter());
        unknown.sort_unstable();
        assert_eq!(unknown, [7, 8]);
        leases.learn(vec![(7, Some(60)), (8, None)]);
        assert_eq!(leases.unknown([7, 8].into_iter()), [8]);
        assert_eq!((leases.granted(7), leases.granted(8)), (Some(60), None));
        let many = 0..(3 * MOST as i64);
        leases.learn(many.map(|lease| (lease, Some(1))).collect());
        assert!(leases.granted.len() <= MOST);
    }
}
