//! Which of a member's files one is, by its first bytes or its name: each kind looks like a damaged one of the others.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use etcd::raft_snapshot::SnapshotName;
use etcd::wal::SegmentName;

use crate::backups::SnapshotName as BackupName;
use crate::backups::file_format::is_database;
use crate::backups::{database_file, given_once};
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

/// Page sizes of the machines that etcd runs on, in bytes: the second meta page is on the second page.
const PAGE_SIZES: [u64; 4] = [4 << 10, 8 << 10, 16 << 10, 64 << 10];

/// Errors: `DataDir` if nothing says that the file at `path` was ever a database: neither a meta page nor its name.
pub(super) fn refuse_no_database(path: &Path) -> Result<()> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    let is_named = name == "db" || name.ends_with(".db") || BackupName::parse(name).is_ok();
    if is_named || has_meta_page(path).map_err(Error::io("read", path))? {
        return Ok(());
    }
    Err(Error::DataDir {
        path: path.to_owned(),
        what: database_file::UNKNOWN.to_owned(),
    })
}

fn has_meta_page(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let mut head = [0; 32];
    for at in [0].into_iter().chain(PAGE_SIZES) {
        let length = file.read_at(&mut head, at)?;
        if is_database(&head[..length]) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// That a directory holds no file of the kind that was looked for.
pub(super) fn nothing_in(directory: &Path, what: &str, where_it_is: &str) -> Error {
    Error::DataDir {
        path: directory.to_owned(),
        what: format!("there is no {what} in it; in a data directory it is {where_it_is}"),
    }
}
