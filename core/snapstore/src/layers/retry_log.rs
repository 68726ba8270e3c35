//! Retries in the log: a line each, so that an operator sees what is waited for, and few enough that an
//! outage of hours does not fill a disk.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Error;

/// Lines of one store in a minute. What is above is counted.
const LINES: u32 = 20;

/// What lines are counted over.
const MINUTE: Duration = Duration::from_secs(60);

/// The lines of one store.
#[derive(Debug, Default)]
pub(super) struct RetryLog(Mutex<Minute>);

/// One minute of lines.
#[derive(Debug, Default)]
struct Minute {
    began: Option<Instant>,
    lines: u32,
    unlogged: u64,
}

impl Minute {
    /// Whether a retry at `now` gets a line; if so, how many before it got none.
    fn line(&mut self, now: Instant) -> Option<u64> {
        let is_over = |began| now.saturating_duration_since(began) >= MINUTE;
        if self.began.is_none_or(is_over) {
            (self.began, self.lines) = (Some(now), 0);
        }
        if self.lines == LINES {
            self.unlogged += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.unlogged))
    }
}

impl RetryLog {
    /// Attempt number `attempt` of `attempts` ended in `failed`; the next comes after `wait`.
    pub(super) fn retry(
        &self,
        now: Instant,
        (attempt, attempts): (u32, u32),
        failed: &Error,
        wait: Duration,
    ) {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(unlogged) = minute.line(now) else {
            return;
        };
        // Of the number only what an operator reads.
        let wait = Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        if unlogged > 0 {
            tracing::warn!("{unlogged} more retries, without a line each");
        }
        tracing::warn!("{failed}: attempt {attempt} of {attempts}, retrying in {wait:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    /// A store that was gone for hours would have filled the log with a line for each of six attempts of
    /// each call; before that nothing was said, and a restore stood still for half a minute in silence.
    #[test]
    fn a_minute_has_so_many_lines_and_the_rest_is_counted() {
        let start = SystemClock.now();
        let mut minute = Minute::default();
        for second in 0..59 {
            let line = minute.line(start + Duration::from_secs(second));
            assert_eq!(line, (second < LINES.into()).then_some(0), "{second}");
        }
        let next = start + MINUTE;
        assert_eq!(minute.line(next), Some(59 - u64::from(LINES)));
        assert_eq!(minute.line(next), Some(0));
    }
}
