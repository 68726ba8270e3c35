//! Giving a finished file its name: the one moment at which an object comes to exist.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use snapstore::PutMode;
use tempfile::{NamedTempFile, PersistError};

/// Temporary files and unfinished uploads live in this directory of the root. It is on the same
/// filesystem as the objects, so a rename out of it is atomic, and no listing looks into it.
pub(crate) const STAGING: &str = ".etcdbr-staging";

/// Makes `dir` and what leads to it, readable to the owner alone. The names of what was missing
/// are on the disk afterwards.
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = dir.ancestors().take_while(|dir| !dir.exists()).collect();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => in_the_way(dir),
        _ => error,
    })?;
    missing
        .into_iter()
        .rev()
        .try_for_each(|made| match made.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
            _ => Ok(()),
        })
}

/// Why `dir` could not be made, though something of a name on its way is there. Said of an object,
/// "already exists" would mean something else.
fn in_the_way(dir: &Path) -> io::Error {
    let is_other = |dir: &Path| match fs::symlink_metadata(dir) {
        Ok(found) if found.is_symlink() => !dir.is_dir(),
        Ok(found) => !found.is_dir(),
        Err(_) => false,
    };
    match dir.ancestors().any(is_other) {
        true => io::ErrorKind::NotADirectory.into(),
        // A directory was there, and a delete beside us has removed it since.
        false => io::ErrorKind::NotFound.into(),
    }
}

/// A new file in the staging directory, mode 0600, removed when dropped.
pub(crate) fn stage(root: &Path) -> io::Result<NamedTempFile> {
    let staging = root.join(STAGING);
    create_private_dir(&staging)?;
    tempfile::Builder::new()
        .prefix("object-")
        .tempfile_in(staging)
}

/// A second name of `staged`, as if it were a copy; `None` where the filesystem has no hard links.
pub(crate) fn stage_again(root: &Path, staged: &Path) -> io::Result<Option<NamedTempFile>> {
    let linked = tempfile::Builder::new()
        .prefix("object-")
        .make_in(root.join(STAGING), |path| {
            fs::hard_link(staged, path)?;
            File::open(path)
        });
    match linked {
        Ok(linked) => Ok(Some(linked)),
        // EPERM is the answer of filesystems without them (link(2)).
        Err(none)
            if matches!(
                none.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// How often a directory may vanish between being made and being used.
const ATTEMPTS: usize = 1000;

/// Flushes `staged` to the disk, then names it `target`, then flushes the name. What is known of
/// the file then, even if another has removed it since.
pub(crate) fn publish(
    mut staged: NamedTempFile,
    root: &Path,
    target: &Path,
    mode: PutMode,
) -> io::Result<Metadata> {
    staged.as_file().sync_all()?;
    let metadata = staged.as_file().metadata()?;
    let mut attempts = 0;
    while let Err(failed) = name(staged, root, target, mode) {
        // A delete beside us removes directories that it leaves empty, perhaps just this one.
        attempts += 1;
        if failed.error.kind() != io::ErrorKind::NotFound || attempts == ATTEMPTS {
            return Err(failed.error);
        }
        staged = failed.file;
    }
    // Each directory on the way may be new, made by us or by a writer beside us.
    for dir in target.ancestors().skip(1) {
        absent_is_fine(sync_dir(dir))?;
        if dir == root {
            break;
        }
    }
    Ok(metadata)
}

fn name(
    staged: NamedTempFile,
    root: &Path,
    target: &Path,
    mode: PutMode,
) -> Result<File, PersistError> {
    if let Err(error) = create_private_dir(target.parent().unwrap_or(root)) {
        let file = staged;
        return Err(PersistError { error, file });
    }
    match mode {
        PutMode::Overwrite => staged.persist(target),
        PutMode::CreateNew => staged.persist_noclobber(target),
    }
}

/// A name is durable only when its directory is.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Who deletes beside us may have removed it already.
pub(crate) fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(gone)
            if matches!(
                gone.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Removes `file` and the directories that it leaves empty, up to but without `root`.
pub(crate) fn remove(root: &Path, file: &Path) -> io::Result<()> {
    // The name of a directory is no object: there is nothing to delete.
    if file.is_dir() {
        return Ok(());
    }
    absent_is_fine(fs::remove_file(file))?;
    for dir in file.ancestors().skip(1) {
        if dir == root {
            break;
        }
        match fs::remove_dir(dir) {
            // Its name stood in the next one, which is flushed instead.
            Ok(()) => {}
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
            Err(_) => return absent_is_fine(sync_dir(dir)),
        }
    }
    absent_is_fine(sync_dir(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A put failed with "not a directory" where there never was anything else: `mkdir` had found
    /// its directory, and before anybody looked at it, a delete beside it removed it again.
    #[test]
    fn a_directory_that_came_and_went_is_missing_and_a_file_is_in_the_way() {
        let root = tempfile::tempdir().unwrap();
        let of = |name: &str| in_the_way(&root.path().join(name)).kind();
        assert_eq!(of("came/and/went"), io::ErrorKind::NotFound);
        fs::write(root.path().join("file"), "x").unwrap();
        assert_eq!(of("file"), io::ErrorKind::NotADirectory);
        assert_eq!(of("file/below"), io::ErrorKind::NotADirectory);
        std::os::unix::fs::symlink("nowhere", root.path().join("link")).unwrap();
        assert_eq!(of("link"), io::ErrorKind::NotADirectory);
    }
}
