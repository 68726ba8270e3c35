use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::facts::Guard;
use crate::data_dir::create_file;
use crate::error::{Error, Result};

/// A file beside the data directory, so on its volume, that names whose volume it is: the namespace
/// of its pod. A volume that was mounted into another pod is known by it.
#[derive(Debug, Clone)]
pub struct SafeGuard {
    path: PathBuf,
    namespace: String,
}

impl SafeGuard {
    /// That of `data_dir`, which should say `namespace`.
    pub fn beside(data_dir: &Path, namespace: &str) -> Self {
        Self {
            path: data_dir.with_file_name("safe_guard"),
            namespace: namespace.to_owned(),
        }
    }

    pub(crate) fn read(&self) -> Guard {
        match fs::read(&self.path) {
            Ok(said) => match String::from_utf8_lossy(&said).trim() {
                "" => Guard::Unset,
                said if said == self.namespace => Guard::Ours,
                said => Guard::Of(said.to_owned()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Guard::Unset,
            Err(error) => {
                Guard::Unreadable(format!("cannot read {}: {error}", self.path.display()))
            }
        }
    }

    /// Writes it, unless it is there.
    pub fn set(&self) -> Result<()> {
        if self.read() != Guard::Unset {
            return Ok(());
        }
        // An empty one is what a crash left.
        let _ = fs::remove_file(&self.path);
        let write = || {
            let mut file = create_file(&self.path)?;
            file.write_all(self.namespace.as_bytes())?;
            file.sync_all()
        };
        write().map_err(Error::io("write", &self.path))
    }
}
