use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::data_dir::Aside;

/// A member that was replaced, and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OldMember {
    /// Where it is.
    pub path: String,
    /// What it takes there, in bytes.
    pub bytes: u64,
}

impl OldMember {
    /// The one that stands aside, if it will be kept.
    pub(crate) fn of(aside: &Aside) -> Option<Self> {
        Some(Self {
            path: aside.will_be_kept()?.display().to_string(),
            bytes: size(&aside.dir()),
        })
    }
}

/// Bytes of all files below `path`, as far as they can be looked at.
fn size(path: &Path) -> u64 {
    let Ok(found) = fs::symlink_metadata(path) else {
        return 0;
    };
    if !found.is_dir() {
        return found.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten();
    entries.flatten().map(|entry| size(&entry.path())).sum()
}
