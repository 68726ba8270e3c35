use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::Result;
use crate::clock::Clock;

/// How long to wait before trying again, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Tries in all, the first included.
    pub tries: u32,
    /// The longest wait before the second try. It doubles from try to try.
    pub first: Duration,
    /// No wait is longer.
    pub most: Duration,
}

impl Default for Backoff {
    /// Five more tries in at most half a minute, as patient as the reference.
    fn default() -> Self {
        Self {
            tries: 6,
            first: Duration::from_millis(500),
            most: Duration::from_secs(16),
        }
    }
}

impl Backoff {
    /// The wait behind try number `tried` (from 1): anything up to its bound, so that many clients
    /// that failed together do not come back together. `random` is uniform.
    pub fn wait(&self, tried: u32, random: u64) -> Duration {
        let doubled = self
            .first
            .saturating_mul(1 << tried.saturating_sub(1).min(20));
        let bound = doubled.min(self.most);
        // At least a quarter: a wait of nothing is no wait.
        let share = 0.25 + 0.75 * (random as f64 / u64::MAX as f64);
        bound.mul_f64(share)
    }
}

/// A [`Backoff`], a clock to wait by, and numbers that spread the waits. Shared by all calls of a
/// store.
#[derive(Debug)]
pub struct Patience {
    backoff: Backoff,
    clock: Arc<dyn Clock>,
    random: AtomicU64,
}

impl Patience {
    /// `seed` should differ from process to process.
    pub fn new(backoff: Backoff, clock: Arc<dyn Clock>, seed: u64) -> Arc<Self> {
        let random = AtomicU64::new(seed);
        Arc::new(Self {
            backoff,
            clock,
            random,
        })
    }

    /// Waits behind try number `tried` (from 1); false if it was the last one.
    pub(super) async fn pause(&self, tried: u32) -> bool {
        let more = tried < self.backoff.tries;
        if more {
            self.clock
                .sleep(self.backoff.wait(tried, self.number()))
                .await;
        }
        more
    }

    /// Runs `work` until it succeeds, fails for good, or has been tried often enough. `work` is
    /// told the number of the try, from 1.
    pub(super) async fn of<T, F>(&self, mut work: impl FnMut(u32) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut tried = 1;
        loop {
            let done = work(tried).await;
            let again = matches!(&done, Err(error) if error.is_retryable());
            if !again || !self.pause(tried).await {
                return done;
            }
            tried += 1;
        }
    }

    /// The next number without a pattern (SplitMix64).
    fn number(&self) -> u64 {
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        let mut z = self
            .random
            .fetch_add(step, Ordering::Relaxed)
            .wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_grow_and_stay_bounded(tried in 1..100_u32, random: u64) {
            let backoff = Backoff::default();
            let wait = backoff.wait(tried, random);
            prop_assert!(wait <= backoff.most);
            prop_assert!(wait >= backoff.first / 4);
            prop_assert!(backoff.wait(tried + 1, random) >= wait);
        }
    }
}
