use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// What a name says of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) is_full: bool,
    /// The last revision that it surely holds.
    pub(super) last: i64,
}

/// The snapshots in a directory; none if it is not there yet.
pub(super) fn snapshots(store: &Path) -> Result<Vec<Stored>> {
    let dir = store.join("v2");
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir)? {
        let name = entry?.file_name();
        let name = name.to_str().context("a name that is no text")?;
        found.extend(parsed(name));
    }
    Ok(found)
}

/// The last revision that any of them holds.
pub(super) fn reaches(store: &Path) -> Result<i64> {
    let all = snapshots(store)?;
    Ok(all.iter().map(|one| one.last).max().unwrap_or(0))
}

/// `Full-FIRST-LAST-TIME` or `Incr-FIRST-LAST-TIME`, with what names the compression; `None` for what is being written.
fn parsed(name: &str) -> Option<Stored> {
    let mut fields = name.split('-');
    let is_full = match fields.next()? {
        "Full" => true,
        "Incr" => false,
        _ => return None,
    };
    let last = fields.nth(1)?.parse().ok()?;
    Some(Stored { is_full, last })
}
