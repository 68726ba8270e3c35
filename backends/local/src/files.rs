//! Files as objects, and where waiting for the disk holds up nothing else.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use snapstore::{Key, ObjectMeta, Result};

use crate::error::{Fault, from_io};

/// Runs file operations where waiting for the disk holds up nothing else.
pub(crate) async fn blocking<T: Send + 'static>(
    operation: &'static str,
    key: Option<&Key>,
    path: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let at = path.to_owned();
    on_disk(operation, key, path, move || work().map_err(Fault::at(at))).await
}

/// As [`blocking`], for work that goes from path to path and says at which one it failed.
pub(crate) async fn on_disk<T: Send + 'static>(
    operation: &'static str,
    key: Option<&Key>,
    path: &Path,
    work: impl FnOnce() -> std::result::Result<T, Fault> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|died| Err(Fault::at(path)(died.into())));
    done.map_err(|fault| from_io(operation, key, &fault.path, fault.cause))
}

/// A file as an object; `None` for a directory, which is none.
pub(crate) fn describe(key: &Key, metadata: &Metadata) -> io::Result<Option<ObjectMeta>> {
    if !metadata.is_file() {
        return Ok(None);
    }
    Ok(Some(ObjectMeta {
        id: key.clone().into(),
        size: metadata.len(),
        modified: Some(metadata.modified()?),
        etag: Some(tag(metadata)),
        retain_until: None,
        excluded: false,
        delete_marker: false,
    }))
}

/// Differs when the content does: objects are written under another name and renamed, so that each
/// has an inode of its own.
fn tag(metadata: &Metadata) -> String {
    let (inode, size) = (metadata.ino(), metadata.len());
    let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
    format!("{inode:x}-{size:x}-{seconds:x}.{nanoseconds:x}")
}

/// What there is at `path`.
pub(crate) fn look(key: &Key, path: &Path) -> io::Result<ObjectMeta> {
    describe(key, &fs::metadata(path)?)?.ok_or_else(|| io::ErrorKind::NotFound.into())
}
