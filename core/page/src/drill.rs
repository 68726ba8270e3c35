//! What the last drill of a store came to.

use std::time::Duration;

use jiff::Timestamp;

/// The report of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Drill {
    /// Nobody has said where drills leave their reports.
    #[default]
    Unnamed,
    /// None has left one there.
    Never,
    /// This.
    Made {
        /// When it began.
        at: Timestamp,
        /// What it came to.
        verdict: Verdict,
        /// How long it took until the state was restored and, where an etcd was started, served.
        took: Option<Duration>,
        /// Why it did not pass.
        why: Option<String>,
    },
    /// What stands there is none: why.
    Unreadable(String),
}

/// What a drill came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing differs.
    Passed,
    /// Something does.
    Differs,
    /// Nothing was restored, or it did not serve.
    Failed,
}
