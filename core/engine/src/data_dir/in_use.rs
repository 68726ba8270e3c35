use std::path::{Path, PathBuf};
use std::{fs, io};

use etcd::data_dir::{DB, WAL};

use crate::error::{Error, Result};
use crate::lock;

/// The file that a running etcd holds a lock on; `None` when no etcd runs on the directory. etcd
/// locks its database and the files of its log that it writes to (bbolt `bolt_unix.go`, etcd
/// `wal.go`). The database is tried first, and alone if it is held: a log file that is tried just
/// when an etcd opens it makes that etcd give up.
///
/// Fails where the system does not let it be found out.
pub fn in_use(data_dir: &Path) -> Result<Option<PathBuf>> {
    let (db, wal) = (data_dir.join(DB), data_dir.join(WAL));
    if lock::is_held(&db).map_err(Error::io("look for a lock on", &db))? {
        return Ok(Some(db));
    }
    let files = match fs::read_dir(&wal) {
        Ok(files) => files,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(Error::io("list", &wal)(error)),
            };
        }
    };
    for entry in files {
        let path = entry.map_err(Error::io("list", &wal))?.path();
        if path.extension().is_some_and(|suffix| suffix == "wal")
            && lock::is_held(&path).map_err(Error::io("look for a lock on", &path))?
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
