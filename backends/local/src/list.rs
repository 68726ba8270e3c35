//! Finding objects: a walk through the directories below the root.

use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::rc::Rc;

use snapstore::{Key, ObjectMeta};

use crate::error::Fault;
use crate::files::describe;
use crate::layout;
use crate::publish::STAGING;

/// Every object below `root` whose key begins with `prefix`.
///
/// Directories of a file server's own are passed over; so is, with a warning, what cannot be read and
/// holds no snapshot, whatever is in it.
pub(crate) fn objects(root: &Path, prefix: &str) -> Result<Vec<ObjectMeta>, Fault> {
    let mut objects = Vec::new();
    // Whole directories of the prefix are walked into directly; the rest of it filters names.
    let start = prefix.rsplit_once('/').map_or("", |(dir, _)| dir);
    let opened = Directory::open(root, start).map_err(Fault::at(root.join(start)))?;
    let mut dirs = Vec::from_iter(opened);
    while let Some(dir) = dirs.pop() {
        let at = root.join(&dir.path);
        let read = unless_absent(fs::read_dir(&at));
        let entries = match read {
            Ok(Some(entries)) => entries,
            Ok(None) => continue,
            Err(error) if !layout::may_hold_snapshots(&dir.path) => {
                tracing::warn!("passed over, as no snapshot stands in it: {at:?}: {error}");
                continue;
            }
            Err(error) => return Err(Fault::at(at)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(Fault::at(&at))?;
            // A name that is no text was not written by this store.
            let name = match entry.file_name().into_string() {
                Ok(name) => name,
                Err(name) => {
                    passed_over(&dir.below(&name.to_string_lossy()));
                    continue;
                }
            };
            let path = dir.below(&name);
            if path == STAGING || layout::is_of_file_server(&name) {
                continue;
            }
            let Some(metadata) = look(&entry, &path)? else {
                continue;
            };
            if metadata.is_dir() {
                dirs.extend(dir.enter(path, &metadata));
            } else if path.starts_with(prefix) {
                match Key::new(&path) {
                    Ok(key) => {
                        let described = describe(&key, &metadata);
                        objects.extend(described.map_err(Fault::at(entry.path()))?);
                    }
                    Err(_) => passed_over(&path),
                }
            }
        }
    }
    Ok(objects)
}

/// Says that `path` cannot be the key of an object; aloud where it looks like that of a snapshot.
fn passed_over(path: &str) {
    let why = "passed over, since no object of ours is called so";
    match layout::may_be_snapshot(path) {
        true => tracing::warn!("{why}, though it looks like a backup: {path:?}"),
        false => tracing::debug!("{why}: {path:?}"),
    }
}

/// What `entry` is, followed through links: a volume may be laid out with them. `None` if it is gone,
/// or is no snapshot and cannot be looked at.
///
/// Errors: for what bears the name of a snapshot and cannot be looked at, a link that leads nowhere
/// too: there was a backup.
fn look(entry: &DirEntry, key: &str) -> Result<Option<Metadata>, Fault> {
    let path = entry.path();
    let error = match fs::metadata(&path) {
        Ok(metadata) => return Ok(Some(metadata)),
        Err(error) => error,
    };
    let is_gone =
        fs::symlink_metadata(&path).is_err_and(|gone| gone.kind() == io::ErrorKind::NotFound);
    if is_gone {
        return Ok(None);
    }
    if layout::may_be_snapshot(key) || layout::holds_snapshots(key) {
        let cause = match error.kind() {
            io::ErrorKind::NotFound => nowhere(),
            _ => error,
        };
        return Err(Fault { path, cause });
    }
    tracing::warn!("passed over, as it is no snapshot: {path:?}: {error}");
    Ok(None)
}

/// Not the system's "not found": that is an object which is not there.
fn nowhere() -> io::Error {
    io::Error::other("this is a link that leads nowhere: mount what it leads to, or remove it")
}

/// A directory on the way, and those that led to it.
struct Directory {
    /// Below the root; empty for the root itself.
    path: String,
    /// Device and inode of it and of each directory above.
    trail: Rc<Trail>,
}

struct Trail {
    inode: (u64, u64),
    above: Option<Rc<Trail>>,
}

impl Directory {
    fn open(root: &Path, path: &str) -> io::Result<Option<Self>> {
        if path.split('/').next() == Some(STAGING) {
            return Ok(None);
        }
        let at = root.join(path);
        let metadata = unless_absent(fs::metadata(&at))?;
        if metadata.is_none() && at.is_symlink() {
            return Err(nowhere());
        }
        Ok(metadata.map(|metadata| Self {
            path: path.to_owned(),
            trail: Rc::new(Trail {
                inode: inode(&metadata),
                above: None,
            }),
        }))
    }

    fn below(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            dir => format!("{dir}/{name}"),
        }
    }

    /// The directory `path` in this one; `None` for a link that leads back to where the walk came
    /// from, which would be walked for ever.
    fn enter(&self, path: String, metadata: &Metadata) -> Option<Self> {
        let inode = inode(metadata);
        let mut trail = Some(&self.trail);
        while let Some(here) = trail {
            if here.inode == inode {
                return None;
            }
            trail = here.above.as_ref();
        }
        let above = Some(self.trail.clone());
        Some(Self {
            path,
            trail: Rc::new(Trail { inode, above }),
        })
    }
}

fn inode(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// What is gone, or leads nowhere, holds no object.
fn unless_absent<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match found {
        Ok(found) => Ok(Some(found)),
        Err(gone) if matches!(gone.kind(), NotFound | NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}
