use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::retry_log::RetryLog;
use crate::clock::Clock;
use crate::{Error, Result};

/// How long to wait before the next attempt, and how many attempts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The longest wait before the second attempt. It doubles from attempt to attempt.
    pub first: Duration,
    /// No wait is longer.
    pub max: Duration,
}

impl Default for Backoff {
    /// Five retries in at most half a minute, as many as etcd-backup-restore has.
    fn default() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            max: Duration::from_secs(16),
        }
    }
}

impl Backoff {
    /// The wait after attempt number `attempt` (from 1): anything up to its bound, so that many clients
    /// that failed together do not come back together. `random` is uniform.
    pub fn wait(&self, attempt: u32, random: u64) -> Duration {
        let doubled = self
            .first
            .saturating_mul(1 << attempt.saturating_sub(1).min(20));
        let bound = doubled.min(self.max);
        // At least a quarter: a wait of nothing is no wait.
        let share = 0.25 + 0.75 * (random as f64 / u64::MAX as f64);
        bound.mul_f64(share)
    }
}

/// The longest `Retry-After` that is kept to. A provider that asks for more is asked sooner: attempts are
/// counted, and somebody waits for a restore.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// A [`Backoff`], a clock to wait by, and numbers that spread the waits. Shared by all calls of a store,
/// whose retries it logs.
#[derive(Debug)]
pub struct RetryPolicy {
    backoff: Backoff,
    clock: Arc<dyn Clock>,
    random: AtomicU64,
    log: RetryLog,
}

impl RetryPolicy {
    /// `seed` should differ from process to process.
    pub fn new(backoff: Backoff, clock: Arc<dyn Clock>, seed: u64) -> Arc<Self> {
        let random = AtomicU64::new(seed);
        Arc::new(Self {
            backoff,
            clock,
            random,
            log: RetryLog::default(),
        })
    }

    /// Waits after attempt number `attempt` (from 1), which ended in `failed`; false if it was the last
    /// one. What the provider asks for is waited too, up to [`MAX_RETRY_AFTER`].
    pub(super) async fn pause(&self, attempt: u32, failed: &Error) -> bool {
        let more = attempt < self.backoff.attempts;
        if more {
            let ours = self.backoff.wait(attempt, self.number());
            let asked = failed.asked_wait().unwrap_or_default().min(MAX_RETRY_AFTER);
            // On top, so that those who were all told the same do not come back together.
            let wait = if asked > ours { asked + ours / 4 } else { ours };
            let attempts = (attempt, self.backoff.attempts);
            self.log.retry(self.clock.now(), attempts, failed, wait);
            self.clock.sleep(wait).await;
        }
        more
    }

    /// Runs `work` until it succeeds, fails with an error that is not retryable, or has been attempted often
    /// enough. `work` is told the number of the attempt, from 1.
    ///
    /// Errors: that of the last attempt.
    pub async fn of<T, F>(&self, mut work: impl FnMut(u32) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut attempt = 1;
        loop {
            let done = work(attempt).await;
            match &done {
                Err(failed) if failed.is_retryable() && self.pause(attempt, failed).await => {}
                _ => return done,
            }
            attempt += 1;
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
    use std::sync::Mutex;

    use async_trait::async_trait;
    use proptest::prelude::*;

    use super::*;
    use crate::ErrorKind;

    #[derive(Debug, Default)]
    struct Notes(Mutex<Vec<Duration>>);

    #[async_trait]
    impl Clock for Notes {
        async fn sleep(&self, duration: Duration) {
            self.0.lock().unwrap().push(duration);
        }
    }

    /// A provider said when to come back (`Retry-After`), and was asked again before that.
    #[tokio::test]
    async fn a_provider_that_asks_for_time_gets_it() {
        let clock = Arc::new(Notes::default());
        let policy = RetryPolicy::new(Backoff::default(), clock.clone(), 1);
        let busy = |attempt| async move {
            let error = Error::new(ErrorKind::RateLimited, "head", "503 SlowDown");
            Err(match attempt {
                1 => error.retry_after(Duration::from_secs(7)),
                2 => error.retry_after(Duration::from_secs(3600)),
                _ => error,
            })
        };
        let failed: Result<()> = policy.of(busy).await;
        assert!(failed.is_err());
        let waits = clock.0.lock().unwrap().clone();
        assert_eq!(waits.len(), 2);
        assert!(waits[0] >= Duration::from_secs(7), "{waits:?}");
        let most = MAX_RETRY_AFTER..=MAX_RETRY_AFTER * 2;
        assert!(most.contains(&waits[1]), "{waits:?}");
    }

    proptest! {
        #[test]
        fn waits_grow_and_stay_bounded(attempt in 1..100_u32, random: u64) {
            let backoff = Backoff::default();
            let wait = backoff.wait(attempt, random);
            prop_assert!(wait <= backoff.max);
            prop_assert!(wait >= backoff.first / 4);
            prop_assert!(backoff.wait(attempt + 1, random) >= wait);
        }
    }
}
