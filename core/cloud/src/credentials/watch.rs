use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::mounted::names;

/// Files and directories that hold credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    paths: Vec<PathBuf>,
}

/// What was seen of watched files: equal as long as nobody has written or replaced one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Vec<Seen>);

/// Inode, length, and when it was last written; `None` for what cannot be seen.
type Seen = (PathBuf, Option<(u64, u64, i64, i64)>);

impl Watch {
    /// These paths; of a directory its files, and no deeper.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            paths: paths.into_iter().collect(),
        }
    }

    /// Nothing: the credentials cannot change, as those of the environment.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// What is there now. Links are followed: Kubernetes replaces a mounted secret by turning one.
    pub fn stamp(&self) -> Stamp {
        let mut seen = Vec::new();
        for path in &self.paths {
            match names(path) {
                Ok(names) => seen.extend(names.iter().map(|name| look(&path.join(name)))),
                Err(_) => seen.push(look(path)),
            }
        }
        Stamp(seen)
    }
}

fn look(path: &Path) -> Seen {
    let what = |data: Metadata| (data.ino(), data.len(), data.mtime(), data.mtime_nsec());
    (path.to_owned(), fs::metadata(path).ok().map(what))
}
