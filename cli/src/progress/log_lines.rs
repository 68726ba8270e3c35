use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::phase_names::named;
use engine::progress::{Event, Observer};
use engine::size::{bytes, counted};
use snapstore::clock::{Clock, SystemClock};

/// The shortest time between two lines about the way so far.
const BETWEEN: Duration = Duration::from_secs(5);

/// Progress as log lines, one in five seconds at most: what is done soon needs none, and what takes an hour is
/// heard of.
pub(super) struct LogLines {
    way: Mutex<Way>,
    revision: AtomicI64,
}

impl LogLines {
    pub(super) fn new() -> Self {
        Self {
            way: Mutex::new(Way::starting(SystemClock.now())),
            revision: AtomicI64::new(0),
        }
    }
}

/// How much of it has been fetched, and when that was last said.
struct Way {
    total: u64,
    fetched: u64,
    said: Instant,
}

impl Way {
    fn starting(now: Instant) -> Self {
        Self {
            total: 0,
            fetched: 0,
            said: now,
        }
    }

    /// More was fetched. If it is time for a line, how many of a hundred parts there are.
    fn fetched(&mut self, more: u64, now: Instant) -> Option<u64> {
        self.fetched = self.fetched.saturating_add(more);
        if now.saturating_duration_since(self.said) < BETWEEN {
            return None;
        }
        self.said = now;
        let of_hundred = u128::from(self.fetched) * 100 / u128::from(self.total.max(1));
        // What is fetched once more after a fault counts again.
        Some(u64::try_from(of_hundred.min(99)).unwrap_or(99))
    }
}

impl Observer for LogLines {
    fn event(&self, event: Event<'_>) {
        // A line is written before another thread may count on: lines stand in the order of what they say.
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned {
                objects,
                bytes: total,
            } => {
                (way.total, way.fetched) = (total, 0);
                let objects = counted(objects, "object", "objects");
                tracing::info!("{objects}, {} to fetch", bytes(total));
            }
            Event::Fetched(more) => {
                if let Some(percent) = way.fetched(more, SystemClock.now()) {
                    let revision = self.revision.load(Ordering::Relaxed);
                    let (fetched, total) = (bytes(way.fetched), bytes(way.total));
                    tracing::info!(
                        "{percent} % fetched, {fetched} of {total}, revision {revision}"
                    );
                }
            }
            Event::Reached(revision) => self.revision.store(revision, Ordering::Relaxed),
            Event::Phase(phase) => tracing::info!("{}", named(phase)),
            Event::Warning(warning) => tracing::warn!("{warning}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One mebibyte got ten lines within a millisecond, some of them out of order; an hour of one object got
    /// ten as well, six minutes apart.
    #[test]
    fn lines_come_by_time() {
        let start = SystemClock.now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut way = Way::starting(start);
        way.total = 1000;
        for _ in 0..500 {
            assert_eq!(way.fetched(1, at(1)), None);
        }
        assert_eq!(way.fetched(0, at(5)), Some(50));
        assert_eq!(way.fetched(100, at(9)), None);
        assert_eq!(way.fetched(100, at(10)), Some(70));
        assert_eq!(
            way.fetched(u64::MAX, at(20)),
            Some(99),
            "it is not done yet"
        );
    }
}
