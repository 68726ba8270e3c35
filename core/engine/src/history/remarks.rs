use std::cell::{Cell, RefCell};

use serde::Serialize;

use crate::backups::delta::HashCheck;

/// Whether what was read is known by its SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hashes {
    /// Each object has one, and it is right.
    Checked,
    /// None was looked at, as was asked for.
    NotChecked,
    /// The full has none. Those of the deltas are right.
    Missing,
}

/// What was noticed along a walk. It goes into the report of the verb: who reads that only, or no log, must not
/// miss it.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    warnings: RefCell<Vec<String>>,
    no_hash: Cell<bool>,
}

impl Remarks {
    pub(super) fn warn(&self, warning: String) {
        self.warnings.borrow_mut().push(warning);
    }

    pub(super) fn no_hash(&self) {
        self.no_hash.set(true);
    }

    /// All warnings, in the order in which they were told.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }

    /// What was read with `check` in mind.
    pub(crate) fn hashes(&self, check: HashCheck) -> Hashes {
        match (check, self.no_hash.get()) {
            (HashCheck::Skipped, _) => Hashes::NotChecked,
            (_, true) => Hashes::Missing,
            (_, false) => Hashes::Checked,
        }
    }
}
