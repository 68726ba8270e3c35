use std::time::Duration;

/// One of so many checks lists the store: only that shows that a delta in between is gone, and stores ask money for it.
const LISTED: u32 = 60;

/// When it is asked whether the chain is still there, and how thoroughly.
#[derive(Debug, Default)]
pub(super) struct Checks {
    due: Duration,
    since_listed: u32,
    /// The revision that the store reached at the check before.
    reached: i64,
    told: bool,
}

/// How thoroughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Both ends are asked for.
    Ends,
    /// All of the chain is listed. A listing may lag: what led up to this revision has been there for a while.
    Listed(i64),
}

impl Checks {
    /// When the next one is.
    pub(super) fn due(&self) -> Duration {
        self.due
    }

    /// The one that is due now, if one is.
    pub(super) fn next(&mut self, now: Duration, every: Duration, reached: i64) -> Option<Check> {
        if now < self.due {
            return None;
        }
        self.due = now.saturating_add(every);
        let before = std::mem::replace(&mut self.reached, reached);
        self.since_listed += 1;
        if self.since_listed < LISTED {
            return Some(Check::Ends);
        }
        self.since_listed = 0;
        Some(Check::Listed(before))
    }

    /// The store has answered.
    pub(super) fn answered(&mut self) {
        self.told = false;
    }

    /// The store has not answered: whether that is news.
    pub(super) fn failed(&mut self) -> bool {
        !std::mem::replace(&mut self.told, true)
    }
}
