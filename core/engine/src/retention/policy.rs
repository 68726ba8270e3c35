use jiff::{SignedDuration, Timestamp};

use super::choice::Choice;
use super::lineage::Scope;
use super::window::Window;
use super::{exponential, limit};

/// Which fulls of older chains stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The reference's: hours of the current day, seven days, four weeks.
    Exponential,
    /// The reference's: so many of the newest.
    LimitBased {
        /// How many, the newest one included.
        max_backups: u32,
    },
    /// Any moment of the last days, then days, weeks, months and years.
    Window(Window),
}

/// The rules of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Which fulls stay.
    pub policy: Policy,
    /// How long deltas of older chains stay. Zero: not at all.
    pub delta_retention: SignedDuration,
    /// What was written within this long is left alone: its upload may be going on.
    pub upload_deadline: SignedDuration,
    /// Whether a chain must be proven before an older one may go.
    pub proof: ProofRule,
    /// Which lineage is collected.
    pub scope: Scope,
}

/// Whether a chain must be proven before an older one may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofRule {
    /// The newest chain counts as one that restores.
    NotNeeded,
    /// The newest proven chain stays, and all fulls where none is.
    Needed,
}

impl Policy {
    /// What becomes of the fulls created at these seconds since 1970, oldest first. That of the newest does not count.
    pub(super) fn fulls(&self, created: &[i64], now: Timestamp) -> Vec<Choice> {
        match self {
            Self::Exponential => exponential::fulls(created, now),
            Self::LimitBased { max_backups } => limit::fulls(created.len(), *max_backups),
            Self::Window(window) => window.fulls(created, now),
        }
    }

    /// Whether the deltas after this full stay whatever their age.
    pub(super) fn needs_deltas(&self, created: &[i64], at: usize, now: Timestamp) -> bool {
        match self {
            Self::Window(window) => window.needs(created, at, now),
            Self::Exponential | Self::LimitBased { .. } => false,
        }
    }
}
