use std::fs;
use std::path::{Path, PathBuf};

use etcd::data_dir::{DB, WAL};

use crate::lock;

/// The file that a running etcd holds a lock on; `None` when no etcd runs on the directory. etcd
/// locks its database and the files of its log that it writes to (bbolt `bolt_unix.go`, etcd
/// `wal.go`). The database is tried first, and alone if it is held: a log file that is tried just
/// when an etcd opens it makes that etcd give up.
pub fn in_use(data_dir: &Path) -> Option<PathBuf> {
    let db = data_dir.join(DB);
    if lock::is_held(&db) {
        return Some(db);
    }
    let files = fs::read_dir(data_dir.join(WAL)).ok()?;
    let segments = files.filter_map(|entry| Some(entry.ok()?.path()));
    segments
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "wal"))
        .find(|path| lock::is_held(path))
}
