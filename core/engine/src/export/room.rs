//! The file in which a snapshot is made, and how it gets its name.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use etcd::data_dir::FILE_MODE;
use tempfile::NamedTempFile;

use super::error::{Error, Result};
use super::request::{Existing, Place};
use crate::error::Error as System;

/// Where it is made. Dropped without a publication, nothing is left.
#[derive(Debug)]
pub(super) enum Room {
    /// Beside the place of the file.
    Beside(NamedTempFile, PathBuf, Existing),
    /// Without a name.
    Unnamed(File, PathBuf),
}

/// Whether a snapshot can be made there, before anything is read for it.
pub(super) fn look(place: &Place) -> Result<()> {
    let Place::File(path, existing) = place else {
        return Ok(());
    };
    let no_file = |what| Error::NoFile {
        path: path.clone(),
        what,
    };
    if path.file_name().is_none() {
        return Err(no_file("a directory"));
    }
    // A link is what would be replaced, and not what it leads to.
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    match (found.is_dir(), found.is_file(), existing) {
        (true, ..) => Err(no_file("a directory")),
        (_, false, _) => Err(no_file("a link, a pipe or a device")),
        (_, true, Existing::Kept) => Err(Error::Exists(path.clone())),
        (_, true, Existing::Replaced) => Ok(()),
    }
}

impl Room {
    pub(super) fn make(place: &Place) -> Result<Self> {
        match place {
            Place::Stream(temp_dir) => {
                let file = tempfile::tempfile_in(temp_dir);
                let action = "create a temporary file in";
                let file = file.map_err(System::io(action, temp_dir))?;
                Ok(Self::Unnamed(file, temp_dir.clone()))
            }
            Place::File(path, existing) => {
                let made = tempfile::Builder::new()
                    .prefix(".etcdbrctl-export-")
                    .permissions(Permissions::from_mode(FILE_MODE))
                    .tempfile_in(above(path));
                let file = made.map_err(System::io("create a file in", above(path)))?;
                Ok(Self::Beside(file, path.clone(), *existing))
            }
        }
    }

    /// The file, and the path that stands for it in messages.
    pub(super) fn file(&self) -> (&File, &Path) {
        match self {
            Self::Beside(file, path, _) => (file.as_file(), path),
            Self::Unnamed(file, path) => (file, path),
        }
    }

    /// Gives the file its name, when its bytes are on the disk. The name; none for a file that has none.
    pub(super) fn publish(self) -> Result<Option<PathBuf>> {
        let Self::Beside(file, path, existing) = self else {
            return Ok(None);
        };
        let synced = file.as_file().sync_all();
        synced.map_err(System::io("flush", &path))?;
        let named = match existing {
            Existing::Kept => file.persist_noclobber(&path),
            Existing::Replaced => file.persist(&path),
        };
        named.map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => Error::Exists(path.clone()),
            _ => System::io("name", &path)(error.error).into(),
        })?;
        let directory = File::open(above(&path)).and_then(|directory| directory.sync_all());
        directory.map_err(System::io("flush", above(&path)))?;
        Ok(Some(path))
    }
}

/// The directory that a file is in.
fn above(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
