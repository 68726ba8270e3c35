//! Which of a member's files one is, by its first bytes or its name: each kind looks like a damaged one of the others.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use etcd::raft_snapshot::SnapshotName;
use etcd::wal::SegmentName;

use crate::backups::file_format::is_database;
use crate::backups::given_once;
use crate::error::{Error, Result};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// etcd's database, or a snapshot of one.
    Database,
    /// A file of a write-ahead log.
    Log,
    /// A raft snapshot.
    Snapshot,
}

impl Kind {
    /// What it is, and what reads it.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Database => ("a database of etcd", "inspect db"),
            Self::Log => ("a write-ahead log", "inspect wal"),
            Self::Snapshot => ("a raft snapshot", "inspect snap"),
        }
    }

    /// `None` if nothing tells.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        if path.is_file() {
            let mut head = [0; 32];
            let length = File::open(path)?.read_at(&mut head, 0)?;
            if is_database(&head[..length]) {
                return Ok(Some(Self::Database));
            }
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        Ok(if SegmentName::parse(name).is_some() {
            Some(Self::Log)
        } else if SnapshotName::parse(name).is_some() {
            Some(Self::Snapshot)
        } else {
            None
        })
    }
}

/// Errors: `DataDir` if the file at `path` is of another kind, or gives its bytes only once.
pub(super) fn refuse_other(path: &Path, wanted: Kind) -> Result<()> {
    given_once::refuse(path)?;
    let found = Kind::of(path).map_err(Error::io("read", path))?;
    let Some(other) = found.filter(|found| *found != wanted) else {
        return Ok(());
    };
    let ((wanted, _), (is, reads)) = (wanted.told(), other.told());
    Err(Error::DataDir {
        path: path.to_owned(),
        what: format!("it is {is}, not {wanted}; `etcdbrctl {reads}` reads it"),
    })
}

/// That a directory holds no file of the kind that was looked for.
pub(super) fn nothing_in(directory: &Path, what: &str, where_it_is: &str) -> Error {
    Error::DataDir {
        path: directory.to_owned(),
        what: format!("there is no {what} in it; in a data directory it is {where_it_is}"),
    }
}
