use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::facts::Guard;
use crate::data_dir::{create_file, is_mount_point};
use crate::error::{Error, Result};

/// A file on the volume of the data directory that names whose volume it is: the namespace of its
/// pod. A volume that was mounted into another pod is known by it.
///
/// It stands beside the data directory, where the reference looks for it. Where the data directory is
/// the root of the volume, beside it is another file system, perhaps one that may not be written: then
/// it stands inside.
#[derive(Debug, Clone)]
pub struct SafeGuard {
    beside: PathBuf,
    inside: PathBuf,
    namespace: String,
}

impl SafeGuard {
    /// That of `data_dir`, which should say `namespace`.
    pub fn of(data_dir: &Path, namespace: &str) -> Self {
        Self {
            beside: data_dir.with_file_name("safe_guard"),
            inside: data_dir.join(".etcdbr.safe_guard"),
            namespace: namespace.to_owned(),
        }
    }

    pub(crate) fn read(&self) -> Guard {
        let both = [&self.beside, &self.inside].map(|path| self.said_by(path));
        let told = both
            .iter()
            .find(|said| !matches!(said, Guard::Unset | Guard::Ours));
        let ours = both.contains(&Guard::Ours);
        match (told, ours) {
            (Some(told), _) => told.clone(),
            (None, true) => Guard::Ours,
            (None, false) => Guard::Unset,
        }
    }

    fn said_by(&self, path: &Path) -> Guard {
        match fs::read(path) {
            Ok(said) => match String::from_utf8_lossy(&said).trim() {
                "" => Guard::Unset,
                said if said == self.namespace => Guard::Ours,
                said => Guard::Of(said.to_owned()),
            },
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Guard::Unset,
                _ => Guard::Unreadable(format!("cannot read {}: {error}", path.display())),
            },
        }
    }

    /// Writes it, unless it is there, or there is no place for it yet.
    pub fn set(&self, data_dir: &Path) -> Result<()> {
        let path = match is_mount_point(data_dir) {
            true => &self.inside,
            false => &self.beside,
        };
        if self.read() != Guard::Unset || !path.parent().is_some_and(Path::exists) {
            return Ok(());
        }
        // An empty one is what a crash left.
        let _ = fs::remove_file(path);
        let write = || {
            let mut file = create_file(path)?;
            file.write_all(self.namespace.as_bytes())?;
            file.sync_all()
        };
        write().map_err(Error::io("write", path))
    }
}
