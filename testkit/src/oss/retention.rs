//! The rule of a bucket that its objects stay as they are.

use std::time::{Duration, SystemTime};

use super::time::now;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A policy.
#[derive(Debug, Clone)]
pub(super) struct Worm {
    pub(super) id: String,
    pub(super) state: State,
    pub(super) days: u32,
    pub(super) created: SystemTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It protects already, and can still be taken back for a day.
    InProgress,
    Locked,
}

impl Worm {
    pub(super) fn begin(days: u32) -> Self {
        Self {
            id: format!("{:032X}", fastrand::u128(..)),
            state: State::InProgress,
            days,
            created: now(),
        }
    }

    pub(super) fn locked(days: u32) -> Self {
        Self {
            state: State::Locked,
            ..Self::begin(days)
        }
    }

    /// Whether it is gone, because nobody has locked it within a day.
    pub(super) fn has_lapsed(&self) -> bool {
        self.state == State::InProgress && self.created + DAY < now()
    }

    /// Whether what was written at `modified` must stay as it is.
    pub(super) fn protects(&self, modified: SystemTime) -> bool {
        !self.has_lapsed() && modified + DAY * self.days > now()
    }

    pub(super) fn state(&self) -> &'static str {
        match self.state {
            State::Locked => "Locked",
            State::InProgress if self.has_lapsed() => "Expired",
            State::InProgress => "InProgress",
        }
    }
}
