//! The directory that a restore builds in, told from one of the same name that is somebody else's.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use etcd::data_dir::{DB, MEMBER};

use super::files::write_new;
use crate::error::{Error, Result};
use crate::lock;

/// A file in it that makes it ours, and names the process at work. It is the first thing in it, and
/// the last that is removed.
const MARK: &str = ".etcdbr.building";

/// The directory in it that will be renamed as a whole.
pub(super) const WHOLE: &str = "new";

/// Makes the directory at `part`, which is there and locked, ours.
pub(super) fn mark(part: &Path) -> Result<()> {
    let path = part.join(MARK);
    let write = || {
        remove(&path)?;
        write_new(&path, std::process::id().to_string().as_bytes())
    };
    write().map(drop).map_err(Error::io("write", &path))
}

/// Whether it is ours for sure.
pub(super) fn is_marked(part: &Path) -> bool {
    part.join(MARK).is_file()
}

/// Who is at work in it, for a message.
pub(super) fn builder(part: &Path) -> String {
    let pid = fs::read_to_string(part.join(MARK)).unwrap_or_default();
    match pid.trim() {
        "" => String::from("another process"),
        pid => format!("another process (pid {pid})"),
    }
}

/// Clears what a process that died has left in it, but for the mark. Anything without a mark is not
/// ours, whatever its name; in an empty one is nothing to lose.
pub(super) fn clear(part: &Path) -> Result<()> {
    let entries = list(part).map_err(Error::io("list", part))?;
    let expected = |name: &OsStr| {
        [MEMBER, WHOLE, MARK, lock::FILE]
            .iter()
            .any(|known| name == *known)
    };
    let marked = entries.iter().any(|entry| entry.file_name() == MARK);
    let known = entries.iter().all(|entry| expected(&entry.file_name()));
    let databases = [part.join(DB), part.join(WHOLE).join(DB)];
    let mut in_use = false;
    for database in &databases {
        in_use |= lock::is_held(database).map_err(Error::io("look for a lock on", database))?;
    }
    let ours = entries.is_empty() || (marked && known && !in_use);
    if !ours {
        return Err(Error::DataDir {
            path: part.to_owned(),
            what: String::from(
                "a restore would build here, but no restore left what is there; move it \
                 aside, or choose another data directory",
            ),
        });
    }
    if !entries.is_empty() {
        tracing::warn!(
            "removing {}, which a restore that was killed has left",
            part.display()
        );
    }
    empty(entries).map_err(Error::io("remove the leftover", part))
}

/// Removes it with all that is in it; nothing of it is anybody else's.
pub(super) fn tear_down(part: &Path) -> io::Result<()> {
    empty(list(part)?)?;
    remove(&part.join(MARK))?;
    remove(&part.join(lock::FILE))?;
    fs::remove_dir(part)
}

/// What is in it beside the file that is locked.
fn list(part: &Path) -> io::Result<Vec<DirEntry>> {
    let is_lock = |entry: &io::Result<DirEntry>| {
        entry
            .as_ref()
            .is_ok_and(|entry| entry.file_name() == lock::FILE)
    };
    fs::read_dir(part)?
        .filter(|entry| !is_lock(entry))
        .collect()
}

fn empty(entries: Vec<DirEntry>) -> io::Result<()> {
    let unmarked = entries.iter().filter(|entry| entry.file_name() != MARK);
    for entry in unmarked {
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
