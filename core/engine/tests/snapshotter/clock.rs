use std::time::{Duration, Instant};

use async_trait::async_trait;
use snapstore::clock::Clock;
use tokio::sync::watch::{Sender, channel};

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct Hand {
    began: Instant,
    passed: Sender<Duration>,
}

impl Default for Hand {
    #[expect(clippy::disallowed_methods, reason = "only differences count")]
    fn default() -> Self {
        Self {
            began: Instant::now(),
            passed: channel(Duration::ZERO).0,
        }
    }
}

impl Hand {
    pub(crate) fn advance(&self, by: Duration) {
        self.passed.send_modify(|passed| *passed += by);
    }

    pub(crate) fn passed(&self) -> Duration {
        *self.passed.borrow()
    }
}

#[async_trait]
impl Clock for Hand {
    async fn sleep(&self, duration: Duration) {
        let until = self.passed().saturating_add(duration);
        let mut passed = self.passed.subscribe();
        // It lives as long as whoever waits by it.
        let _ = passed.wait_for(|now| *now >= until).await;
    }

    fn now(&self) -> Instant {
        self.began + self.passed()
    }
}
