use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::phase_names::named;
use engine::progress::{Event, Observer};
use engine::size::{bytes, counted};
use jiff::SignedDuration;
use snapstore::clock::{Clock, SystemClock};

/// The shortest time between two lines about the way so far.
const BETWEEN: Duration = Duration::from_secs(5);

/// Progress as log lines, one in five seconds at most: what is done soon needs none, and what takes an hour is
/// heard of.
pub(super) struct LogLines {
    way: Mutex<Way>,
}

impl LogLines {
    pub(super) fn new() -> Self {
        Self {
            way: Mutex::new(Way::starting(SystemClock.now())),
        }
    }
}

/// How much of it has been fetched, and when that was last said.
struct Way {
    total: u64,
    fetched: u64,
    began: Instant,
    said: Instant,
    /// The last that was reached; `None`: nothing was folded yet.
    reached: Option<i64>,
}

impl Way {
    fn starting(now: Instant) -> Self {
        Self {
            total: 0,
            fetched: 0,
            began: now,
            said: now,
            reached: None,
        }
    }

    /// More is to be done.
    fn planned(&mut self, total: u64, now: Instant) {
        (self.total, self.fetched, self.reached) = (total, 0, None);
        self.began = now;
    }

    /// How far it is.
    fn so_far(&self, percent: u64, now: Instant) -> String {
        let (fetched, total) = (bytes(self.fetched), bytes(self.total));
        let mut so_far = format!("{percent} % fetched, {fetched} of {total}");
        if let Some(left) = self.left(now) {
            so_far += &format!(", {left:#} left");
        }
        match self.reached {
            Some(revision) => format!("{so_far}, revision {revision}"),
            None => so_far,
        }
    }

    /// How long it takes to the end, if it goes on as fast as so far; to the second, and up.
    fn left(&self, now: Instant) -> Option<SignedDuration> {
        let rest = self.total.checked_sub(self.fetched)?;
        if rest == 0 || self.fetched == 0 {
            return None;
        }
        let took = now.saturating_duration_since(self.began).as_millis();
        let left = (took * u128::from(rest)).div_ceil(u128::from(self.fetched));
        let seconds = i64::try_from(left.div_ceil(1000)).ok()?;
        Some(SignedDuration::from_secs(seconds))
    }

    /// More was fetched. If it is time for a line, how many of a hundred parts there are.
    fn fetched(&mut self, more: u64, now: Instant) -> Option<u64> {
        self.fetched = self.fetched.saturating_add(more);
        let is_planned = self.total > 0;
        if !is_planned || now.saturating_duration_since(self.said) < BETWEEN {
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
                way.planned(total, SystemClock.now());
                let objects = counted(objects, "object", "objects");
                tracing::info!("{objects}, {} to fetch", bytes(total));
            }
            Event::Fetched(more) => {
                let now = SystemClock.now();
                if let Some(percent) = way.fetched(more, now) {
                    tracing::info!("{}", way.so_far(percent, now));
                }
            }
            Event::Reached(revision) => way.reached = Some(revision),
            Event::Phase(phase) => tracing::info!("{}", named(phase)),
            Event::Streamed(_) => {}
            Event::Warning(warning) => tracing::warn!("{warning}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// While the full was fetched, the log said "revision 0", which no etcd has; and of a second chain, what the first one
    /// had reached.
    #[test]
    fn a_revision_stands_only_where_one_was_reached() {
        let start = SystemClock.now();
        let mut way = Way::starting(start);
        way.planned(2048, start);
        way.fetched = 1024;
        let later = start + Duration::from_secs(75);
        let so_far = "50 % fetched, 1.00 KiB of 2.00 KiB, 1m 15s left";
        assert_eq!(way.so_far(50, later), so_far);
        way.reached = Some(17);
        let said = way.so_far(50, later);
        assert_eq!(said, format!("{so_far}, revision 17"));
        way.planned(4096, later);
        assert_eq!(way.so_far(0, later), "0 % fetched, 0 B of 4.00 KiB");
    }

    /// A sidecar that compared its etcd with the newest backups said "99 % fetched, 94.56 KiB of 0 B".
    #[test]
    fn what_nobody_has_planned_is_no_part_of_anything() {
        let start = SystemClock.now();
        let mut way = Way::starting(start);
        let later = start + BETWEEN;
        assert_eq!(way.fetched(1024, later), None);
        way.planned(2048, later);
        assert_eq!(way.fetched(1024, later), Some(50));
    }

    /// The bar told how long it would take, and the log of a Job, where a copy runs for hours, did not.
    #[test]
    fn the_time_left_is_that_of_the_pace_so_far() {
        let start = SystemClock.now();
        let mut way = Way::starting(start);
        let hours = start + Duration::from_hours(2);
        way.planned(1 << 40, hours);
        assert_eq!(way.left(hours), None, "nothing has come yet");
        way.fetched = 1 << 38;
        let left = way.left(hours + Duration::from_secs(600));
        assert_eq!(format!("{:#}", left.unwrap()), "30m");
        way.fetched = (1 << 40) - 1;
        assert_eq!(
            way.left(hours + Duration::from_secs(600))
                .unwrap()
                .as_secs(),
            1
        );
        way.fetched = u64::MAX;
        assert_eq!(way.left(hours), None, "what is fetched again counts again");
    }

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
