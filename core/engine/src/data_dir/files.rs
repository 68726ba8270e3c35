//! Files and directories that only their owner can read, and that are on the disk.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use etcd::data_dir::{DIR_MODE, FILE_MODE};

use crate::error::{Error, Result};

/// Makes the directories that lead to `path`, and flushes their names: a directory that survives a
/// loss of power helps nobody when the one above it does not.
pub(super) fn create_parents(path: &Path) -> Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .skip(1)
        .take_while(|dir| !dir.exists())
        .collect();
    let Some(nearest) = missing.first() else {
        return Ok(());
    };
    create_dir(nearest).map_err(Error::io("create the directory", nearest))?;
    let holders = missing.iter().filter_map(|dir| dir.parent());
    holders
        .filter(|dir| !dir.as_os_str().is_empty())
        .try_for_each(sync_dir)
}

pub(super) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIR_MODE)
        .create(path)
}

pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = create_file(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// A new file that only its owner can read, open for reading and writing.
pub fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
}

/// A name is on the disk only when its directory is.
pub(super) fn sync_dir(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(Error::io("flush", path))
}
