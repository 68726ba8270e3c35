use serde::Serialize;

use crate::keyspace::{Difference, Origin};

/// What was compared, and what came of it.
#[derive(Debug, Clone)]
pub struct Report {
    /// The first state.
    pub from: Origin,
    /// The second.
    pub to: Origin,
    /// The keys that differ.
    pub counts: Counts,
}

/// Keys that differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Only in the second state.
    pub added: u64,
    /// Only in the first.
    pub removed: u64,
    /// With another value.
    pub changed: u64,
    /// With the same value, written again.
    pub rewritten: u64,
}

impl Counts {
    pub(super) fn count(&mut self, difference: &Difference) {
        *match difference {
            Difference::Added(_) => &mut self.added,
            Difference::Removed(_) => &mut self.removed,
            Difference::Changed { .. } => &mut self.changed,
            Difference::Rewritten { .. } => &mut self.rewritten,
        } += 1;
    }
}
