#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures time, and waits"
)]

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two looks at what is waited for.
const LOOK: Duration = Duration::from_millis(5);

/// Longer than anything here takes.
const LONGEST: Duration = Duration::from_secs(300);

pub(super) fn now() -> Instant {
    Instant::now()
}

pub(super) fn pause(how_long: Duration) {
    std::thread::sleep(how_long);
}

/// In a task.
pub(super) async fn sleep_until(moment: Instant) {
    tokio::time::sleep_until(moment.into()).await;
}

/// Waits until `look` finds something, and returns it.
pub(super) fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let begin = now();
    while begin.elapsed() < LONGEST {
        if let Some(found) = look()? {
            return Ok(found);
        }
        pause(LOOK);
    }
    bail!("{what}: not after {} s", LONGEST.as_secs())
}
