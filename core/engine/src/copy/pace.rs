//! How fast bytes may go, all objects together.

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use snapstore::clock::Clock;

/// A limit on bytes a second. Each piece has its time after the one before it, whichever object it is of.
#[derive(Debug)]
pub(super) struct Pace {
    rate: Option<NonZero<u64>>,
    clock: Arc<dyn Clock>,
    /// When the next piece may go.
    next: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new(rate: Option<NonZero<u64>>, clock: Arc<dyn Clock>) -> Self {
        let next = Mutex::new(clock.now());
        Self { rate, clock, next }
    }

    /// Waits until so many bytes have had their time.
    pub(super) async fn take(&self, bytes: u64) {
        let Some(rate) = self.rate else {
            return;
        };
        let wait = self.reserve(bytes, rate);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// How long to wait. Time that was not used is not made up for.
    fn reserve(&self, bytes: u64, rate: NonZero<u64>) -> Duration {
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.get());
        let length = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let now = self.clock.now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let end = (*next).max(now).checked_add(length);
        let end = end.unwrap_or(now);
        *next = end;
        end.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;

    /// A clock in which waiting is all that passes, counted in nanoseconds.
    #[derive(Debug)]
    struct Counted {
        began: Instant,
        waited: Mutex<Duration>,
    }

    #[async_trait]
    impl Clock for Counted {
        async fn sleep(&self, duration: Duration) {
            *self.waited.lock().unwrap() += duration;
        }

        fn now(&self) -> Instant {
            self.began + *self.waited.lock().unwrap()
        }
    }

    fn counted() -> Arc<Counted> {
        Arc::new(Counted {
            began: snapstore::clock::SystemClock.now(),
            waited: Mutex::default(),
        })
    }

    #[tokio::test]
    async fn so_many_bytes_take_so_long_whoever_sends_them() {
        for pieces in [1_u64, 7, 1000] {
            let clock = counted();
            let pace = Pace::new(NonZero::new(1 << 20), clock.clone());
            let (one, other) = (
                async || {
                    for _ in 0..pieces {
                        pace.take(1 << 10).await
                    }
                },
                &pace,
            );
            one().await;
            other.take((3 << 20) - (pieces << 10)).await;
            let waited = *clock.waited.lock().unwrap();
            let off = waited.abs_diff(Duration::from_secs(3));
            assert!(off < Duration::from_millis(1), "{waited:?}");
        }
    }

    #[tokio::test]
    async fn without_a_limit_nobody_waits() {
        let clock = counted();
        Pace::new(None, clock.clone()).take(u64::MAX).await;
        assert!(clock.waited.lock().unwrap().is_zero());
    }
}
