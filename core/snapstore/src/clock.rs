//! Time, as something that is given: a test says what time it is and does not wait.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

/// Waits. The one place where a layer lets time pass.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns when `duration` has passed.
    async fn sleep(&self, duration: Duration);
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
