use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::flock::is_taken;

/// Its name, in the directory that it stands for.
pub(crate) const FILE: &str = ".etcdbr.lock";

/// A file that is there only to be locked.
#[derive(Debug)]
pub(super) struct LockFile {
    path: PathBuf,
    /// Locked while it is open.
    _file: File,
}

impl LockFile {
    /// Takes it, made anew or as a process that died has left it; `None` when another has it.
    pub(super) fn take(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = open(path)?;
            let inode = file.metadata()?.ino();
            if !is_taken(&file)? {
                return Ok(None);
            }
            // Who had it before may have removed it since it was opened.
            if fs::metadata(path).is_ok_and(|now| now.ino() == inode) {
                return Ok(Some(Self {
                    path: path.to_owned(),
                    _file: file,
                }));
            }
        }
    }
}

/// For writing: the locks of a file server are locks to write.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

impl Drop for LockFile {
    fn drop(&mut self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::debug!("{} stays: {error}", self.path.display());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On NFS two pods on two nodes initialized one directory at once: the lock of a directory is a lock on
    /// one machine. This file is what the server locks; here it is shown on a local one.
    #[test]
    fn one_has_it_and_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(FILE);
        let first = LockFile::take(&path).unwrap().unwrap();
        assert!(LockFile::take(&path).unwrap().is_none());
        drop(first);
        assert!(!path.exists());
        // A process that was killed has left its file.
        fs::write(&path, b"").unwrap();
        let second = LockFile::take(&path).unwrap().unwrap();
        assert!(LockFile::take(&path).unwrap().is_none());
        // Somebody removed it meanwhile: another may then have one of that name.
        fs::remove_file(&path).unwrap();
        let third = LockFile::take(&path).unwrap();
        assert!(third.is_some());
        drop((second, third));
        assert!(!path.exists());
    }
}
