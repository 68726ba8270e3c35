//! Parts of a data directory that are on another volume, or lead there by a link.

use std::path::{Path, PathBuf};
use std::{fs, io};

use etcd::data_dir::{DB, MEMBER, SNAP, WAL};

use crate::error::{Error, Result};

/// How a part of a member is tied to a place of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// A symbolic link.
    Link,
    /// A file system is mounted on it.
    Mount,
}

/// Refuses a member of which a part is a link or a mount point. An exchange would put a directory in
/// its place that is on another volume than the operator chose, and leave the old part where it is; a
/// mount point cannot be renamed at all.
pub(super) fn refuse(data_dir: &Path) -> Result<()> {
    for part in [MEMBER, SNAP, WAL, DB] {
        let path = data_dir.join(part);
        if let Some(tie) = tie(&path).map_err(Error::io("look at", &path))? {
            return Err(Error::DataDir {
                what: told(&path, tie),
                path,
            });
        }
    }
    Ok(())
}

/// Refuses a data directory whose name is a link to nothing.
pub(super) fn refuse_dangling(data_dir: &Path) -> Result<()> {
    let is_link = fs::symlink_metadata(data_dir).is_ok_and(|found| found.is_symlink());
    match fs::metadata(data_dir) {
        Err(error) if is_link && error.kind() == io::ErrorKind::NotFound => Err(Error::DataDir {
            path: data_dir.to_owned(),
            what: format!(
                "this is a symbolic link to {}, which is not there: mount or create that directory, \
                 or remove the link",
                fs::read_link(data_dir).unwrap_or_default().display()
            ),
        }),
        _ => Ok(()),
    }
}

fn told(path: &Path, tie: Tie) -> String {
    match tie {
        Tie::Link => format!(
            "this is a symbolic link to {}, and what it leads to cannot be exchanged for a new \
             one; nothing was done. Put what it leads to in its place, run this again, then move the \
             new one there and make the link again; or choose as the data directory the directory that \
             holds the real one",
            fs::read_link(path).unwrap_or_default().display()
        ),
        Tie::Mount => String::from(
            "a volume is mounted here, and it cannot be exchanged for a new directory; nothing was \
             done. Unmount it (what is on it stays there, untouched) and copy its files into the \
             directory that then shows, run this again, empty the volume, move the new files onto it \
             and mount it again",
        ),
    }
}

fn tie(path: &Path) -> io::Result<Option<Tie>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Ok(Some(Tie::Link)),
        Ok(_) => Ok(is_mount_point(path)?.then_some(Tie::Mount)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(error),
        },
    }
}

/// Whether something is mounted on `path`, a link followed to its end. The kernel says so (statx(2),
/// `STATX_ATTR_MOUNT_ROOT`, Linux 5.8); before that, a device other than that of the directory above it
/// does, and a bind mount from the same device is not noticed.
pub(super) fn is_mount_point(path: &Path) -> io::Result<bool> {
    let path = fs::canonicalize(path)?;
    match marked(&path)? {
        Some(answer) => Ok(answer),
        None => on_another_device(path),
    }
}

#[cfg(target_os = "linux")]
fn marked(path: &Path) -> io::Result<Option<bool>> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    match statx(CWD, path, AtFlags::empty(), StatxFlags::BASIC_STATS) {
        Ok(found) => {
            let known = found
                .stx_attributes_mask
                .contains(StatxAttributes::MOUNT_ROOT);
            Ok(known.then(|| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)))
        }
        Err(rustix::io::Errno::NOSYS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn marked(_path: &Path) -> io::Result<Option<bool>> {
    Ok(None)
}

fn on_another_device(path: PathBuf) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let Some(above) = path.parent() else {
        return Ok(true);
    };
    Ok(fs::metadata(&path)?.dev() != fs::metadata(above)?.dev())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// `initialize` renamed such a member away, and put a directory of the data directory's volume in
    /// the place of a link to another.
    #[test]
    fn a_link_in_a_member_is_refused_with_where_it_leads() {
        for part in [MEMBER, SNAP, WAL, DB] {
            let root = tempfile::tempdir().unwrap();
            let (dir, there) = (root.path().join("data"), root.path().join("there"));
            fs::create_dir_all(dir.join(part).parent().unwrap()).unwrap();
            refuse(&dir).unwrap();
            symlink(&there, dir.join(part)).unwrap();
            let told = refuse(&dir).unwrap_err().to_string();
            assert!(
                told.contains(part) && told.contains(there.to_str().unwrap()),
                "{told}"
            );
        }
    }

    #[test]
    fn the_root_is_a_mount_point_and_a_new_directory_is_none() {
        let root = tempfile::tempdir().unwrap();
        assert!(is_mount_point(Path::new("/")).unwrap());
        assert!(is_mount_point(Path::new("/proc")).unwrap());
        assert!(!is_mount_point(root.path()).unwrap());
        assert!(on_another_device("/proc".into()).unwrap());
    }
}
