//! Which snapshots somebody has marked, so that no collection deletes them.

use std::collections::BTreeSet;

use super::metadata::read_those;
use crate::error::{Error, Result};
use crate::session::Session;

/// The marks of some snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The names of those that are marked.
    pub marked: BTreeSet<String>,
    /// The names of those of which it cannot be read.
    pub unknown: BTreeSet<String>,
    /// Why not.
    pub warnings: Vec<String>,
}

impl Marks {
    /// `None` where it cannot be read.
    pub fn of(&self, name: &str) -> Option<bool> {
        (!self.unknown.contains(name)).then(|| self.marked.contains(name))
    }
}

/// The marks of the snapshots of these names, for who only looks: what cannot be read is a warning, and unknown.
///
/// Errors: `Interrupted`.
pub async fn read_marks(session: &Session, names: BTreeSet<String>) -> Result<Marks> {
    let read = read_those(&*session.store, |name| names.contains(name));
    let read = session.cancel.run_until_cancelled(read).await;
    let mut marks = Marks::default();
    match read.ok_or(Error::Interrupted)? {
        Ok(all) => {
            let marked = all.by_snapshot.into_iter().filter(|(_, one)| one.keep);
            marks.marked = marked.map(|(name, _)| name).collect();
            for (name, why) in all.unreadable {
                marks
                    .warnings
                    .push(format!("{why}; it may be marked to be kept"));
                marks.unknown.insert(name);
            }
        }
        Err(why) => {
            marks
                .warnings
                .push(format!("which snapshots are marked cannot be read: {why}"));
            marks.unknown = names;
        }
    }
    Ok(marks)
}
