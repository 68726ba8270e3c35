//! How slow a download may be. A server that sends a byte now and then is never silent, and would hold a
//! restore for days.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::{Error, ErrorKind};

/// What a download must bring, as long as it is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LeastRate {
    /// At least so many bytes, or the rest of them,
    pub(super) bytes: u64,
    /// in so much time of waiting. What a reader does in between does not count.
    pub(super) within: Duration,
}

impl Default for LeastRate {
    /// 1 KiB/s, over a minute: a network that is slower restores no backup, and one that falters for some
    /// seconds goes on.
    fn default() -> Self {
        Self {
            bytes: 60 << 10,
            within: Duration::from_secs(60),
        }
    }
}

/// What has come since it was last enough.
#[derive(Debug)]
pub(super) struct Pace {
    least: LeastRate,
    came: u64,
    waited: Duration,
}

impl Pace {
    pub(super) fn of(least: LeastRate) -> Self {
        Self {
            least,
            came: 0,
            waited: Duration::ZERO,
        }
    }

    /// So many bytes came after so much waiting.
    pub(super) fn count(&mut self, bytes: u64, waited: Duration) {
        self.came = self.came.saturating_add(bytes);
        self.waited = self.waited.saturating_add(waited);
        if self.came >= self.least.bytes {
            *self = Self::of(self.least);
        }
    }

    /// The error, if it is too slow. It may be tried again, but not for ever: see [`is_too_slow`].
    pub(super) fn fault(&self) -> Option<Error> {
        (self.waited > self.least.within).then(|| {
            let message = format!(
                "only {} bytes came in {} s, and at least {} in {} s are wanted",
                self.came,
                self.waited.as_secs(),
                self.least.bytes,
                self.least.within.as_secs()
            );
            let error = Error::new(ErrorKind::Unexpected, "get", message);
            error.with_source(TooSlow).retryable()
        })
    }
}

/// Marks an error of [`Pace`].
#[derive(Debug)]
struct TooSlow;

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the download is too slow")
    }
}

impl StdError for TooSlow {}

/// Whether a download ended because it was too slow. That it had brought something is no reason to hope
/// for more, as it is with one that broke off.
pub(super) fn is_too_slow(error: &Error) -> bool {
    error.source().is_some_and(<dyn StdError>::is::<TooSlow>)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn after(pieces: &[(u64, u32)]) -> Option<Error> {
        let mut pace = Pace::of(LeastRate {
            bytes: 100,
            within: 10 * SECOND,
        });
        for (bytes, seconds) in pieces {
            pace.count(*bytes, *seconds * SECOND);
        }
        pace.fault()
    }

    #[test]
    fn a_trickle_is_too_slow_and_what_falters_is_not() {
        let slow = after(&[(1, 5), (1, 6)]).unwrap();
        assert!(is_too_slow(&slow) && slow.is_retryable());
        assert!(
            slow.message().contains("only 2 bytes came in 11 s"),
            "{slow}"
        );
        assert!(after(&[(1, 9), (1, 1)]).is_none());
        // Enough came, and counting begins anew.
        assert!(after(&[(1, 9), (99, 5), (1, 9)]).is_none());
        assert!(after(&[(100, 0), (1, 11)]).is_some());
    }
}
