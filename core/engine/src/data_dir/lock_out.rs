//! No etcd on a member that is being replaced, or on what is removed of it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use etcd::data_dir::DB;

use crate::error::{Error, Result};
use crate::lock::{self, Held};

/// Keeps every etcd from running on the member in `data_dir`, until it is dropped: an etcd waits for the
/// lock of its database (bbolt `bolt_unix.go`). Held from before a member is replaced until it is removed
/// or kept, since one that had opened its database before the exchange would go on with what is removed.
/// `None` where there is no database to run on.
pub fn keep_etcd_out(data_dir: &Path) -> Result<Option<Held>> {
    let db = data_dir.join(DB);
    let file = match File::open(&db) {
        Ok(file) => file,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(Error::io("open", &db)(error)),
            };
        }
    };
    // Shared: the member is read meanwhile, and who reads it locks it so.
    match lock::shared(file).map_err(Error::io("lock", &db))? {
        Some(held) => Ok(Some(held)),
        None => Err(started(data_dir)),
    }
}

/// An etcd runs on the member that should be replaced.
pub(super) fn started(data_dir: &Path) -> Error {
    Error::DataDir {
        path: data_dir.to_owned(),
        what: "an etcd has been started on this directory; nothing was done, stop it".into(),
    }
}

/// Overwrites the meta pages of a database that is about to be removed, so that no etcd takes it. One that has it
/// open already, and waits for its lock, would get that with the end of this process, and serve from a file that has no
/// name. It must not become empty either: then etcd begins a new one in it.
pub(super) fn overwrite_meta_pages(db: &Path) {
    /// Both meta pages, of any page size that a system has.
    const METAS: usize = 2 << 16;
    let overwrite = || {
        let file = OpenOptions::new().write(true).open(db)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(METAS);
        file.write_all_at(&vec![0xFF; length.min(METAS)], 0)
    };
    // Where it is not there, or cannot be written, nothing is lost.
    if let Err(error) = overwrite() {
        tracing::debug!(
            "{} stays as it is until it is removed: {error}",
            db.display()
        );
    }
}
