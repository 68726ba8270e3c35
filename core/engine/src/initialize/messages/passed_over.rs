//! Objects that cannot be used, and what is used instead.

use snapstore::Key;

/// While an object is read again.
pub(in crate::initialize) fn looks_damaged(object: &Key, what: &str) -> String {
    format!("{object} looks damaged ({what}); reading it again")
}

/// While an older state is looked for.
pub(in crate::initialize) fn going_back(object: &Key, why: &str) -> String {
    format!("{object} cannot be used: {why}; going back to an older state")
}

/// Why an object is of no use: revisions before it are missing.
pub(in crate::initialize) fn after_a_gap(after: i64, before: i64) -> String {
    format!(
        "it follows a gap: revisions {} to {} are in no object that can be read",
        after + 1,
        before - 1
    )
}

/// Why an object is of no use: what leads to it cannot be used.
pub(in crate::initialize) fn not_reached(revision: i64) -> String {
    format!("nothing leads from revision {revision} to it")
}

/// Why an object is of no use: it is gone.
pub(in crate::initialize) fn deleted() -> String {
    "it was deleted after the store had been listed".into()
}

/// The first object, where nothing is left that could be restored.
pub(in crate::initialize) fn named(object: &str, why: &str) -> String {
    format!("{object}: {why}")
}
