//! Finding objects: a walk through the directories below the root.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::rc::Rc;

use snapstore::{Key, ObjectMeta};

use crate::publish::STAGING;
use crate::store::describe;

/// Every object below `root` whose key begins with `prefix`.
pub(crate) fn objects(root: &Path, prefix: &str) -> io::Result<Vec<ObjectMeta>> {
    let mut objects = Vec::new();
    // Whole directories of the prefix are walked into directly; the rest of it filters names.
    let start = prefix.rsplit_once('/').map_or("", |(dir, _)| dir);
    let mut dirs = Vec::from_iter(Directory::open(root, start)?);
    while let Some(dir) = dirs.pop() {
        let Some(entries) = unless_absent(fs::read_dir(root.join(&dir.path)))? else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            // A name that is no text was not written by this store.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = dir.below(&name);
            if path == STAGING {
                continue;
            }
            // Followed through links: a volume may be laid out with them.
            let Some(metadata) = unless_absent(fs::metadata(entry.path()))? else {
                continue;
            };
            if metadata.is_dir() {
                dirs.extend(dir.enter(path, &metadata));
            } else if path.starts_with(prefix)
                && let Ok(key) = Key::new(&path)
            {
                objects.extend(describe(&key, &metadata)?);
            }
        }
    }
    Ok(objects)
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
        let metadata = unless_absent(fs::metadata(root.join(path)))?;
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
