//! Which of two members is the new one. A run may be killed just before or just after their names
//! are exchanged, and nothing else tells the two apart for certain: inodes may be others after a
//! mount, and a member restored twice from the same backups has the same bytes.

use std::fs;
use std::path::Path;

use super::files::{sync_dir, write_new};
use crate::error::{Error, Result};

/// A file in the directory of a new member, from before the exchange until the old one is kept or
/// removed. etcd looks only at the names in `member` that it knows.
const NEW: &str = ".etcdbr.new";

pub(super) fn put_on(member: &Path) -> Result<()> {
    let path = member.join(NEW);
    let written = write_new(&path, b"").and_then(|file| file.sync_all());
    written.map_err(Error::io("write", &path))
}

pub(super) fn is_on(member: &Path) -> bool {
    fs::symlink_metadata(member.join(NEW)).is_ok()
}

/// Takes the mark off `member`, if both are there.
pub(super) fn remove(member: &Path) -> Result<()> {
    // A healthy member may be on a volume that nobody may write.
    if !is_on(member) {
        return Ok(());
    }
    let path = member.join(NEW);
    fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    sync_dir(member)
}
