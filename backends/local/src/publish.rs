//! Giving a finished file its name: the one moment at which an object comes to exist.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use snapstore::PutMode;
use tempfile::NamedTempFile;

/// Temporary files and unfinished uploads live in this directory of the root. It is on the same
/// filesystem as the objects, so a rename out of it is atomic, and no listing looks into it.
pub(crate) const STAGING: &str = ".etcdbr-staging";

/// Makes `dir` and what leads to it, readable to the owner alone.
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// A new file in the staging directory, mode 0600, removed when dropped.
pub(crate) fn stage(root: &Path) -> io::Result<NamedTempFile> {
    let staging = root.join(STAGING);
    create_private_dir(&staging)?;
    tempfile::Builder::new()
        .prefix("object-")
        .tempfile_in(staging)
}

/// Flushes `staged` to the disk, then names it `target`, then flushes the name.
pub(crate) fn publish(staged: NamedTempFile, target: &Path, mode: PutMode) -> io::Result<()> {
    staged.as_file().sync_all()?;
    let parent = target.parent().unwrap_or(target);
    create_private_dir(parent)?;
    match mode {
        PutMode::Overwrite => staged.persist(target).map_err(|failed| failed.error)?,
        PutMode::CreateNew => staged
            .persist_noclobber(target)
            .map_err(|failed| failed.error)?,
    };
    sync_dir(parent)
}

/// A name is durable only when its directory is.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Removes `file` and the directories that it leaves empty, up to but without `root`.
pub(crate) fn remove(root: &Path, file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Ok(()) => {}
        Err(gone)
            if matches!(
                gone.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(());
        }
        // The name of a directory is no object: there is nothing to delete.
        Err(_) if file.is_dir() => return Ok(()),
        Err(error) => return Err(error),
    }
    for dir in file.ancestors().skip(1).take_while(|dir| *dir != root) {
        if fs::remove_dir(dir).is_err() {
            return sync_dir(dir);
        }
    }
    sync_dir(root)
}
