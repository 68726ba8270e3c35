//! Time, as something that is given: a test says what time it is and does not wait.

use std::fmt;
use std::time::{Duration, Instant};

use async_trait::async_trait;

/// Waits, and says how long something took. The one place where a layer lets time pass.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns when `duration` has passed.
    async fn sleep(&self, duration: Duration);

    /// The time now, of which only differences count. A clock whose waits take no time may leave it as it
    /// is: then none has passed.
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is what others are told to take"
    )]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
