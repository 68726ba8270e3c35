//! Waiting for another process, the one thing that tests cannot inject.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const PAUSE: Duration = Duration::from_millis(20);

/// Asks `answer` until it has one. Gives up, with an error that names `what`, after `limit`.
#[expect(
    clippy::disallowed_methods,
    reason = "another process keeps its own time"
)]
pub fn until<T>(
    what: &str,
    limit: Duration,
    mut answer: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = answer()? {
            return Ok(answer);
        }
        if begun.elapsed() > limit {
            bail!("{what}: not within {} s", limit.as_secs());
        }
        std::thread::sleep(PAUSE);
    }
}

/// Lets time pass, for what must not happen in it.
#[expect(
    clippy::disallowed_methods,
    reason = "another process keeps its own time"
)]
pub fn pass(time: Duration) {
    std::thread::sleep(time);
}
