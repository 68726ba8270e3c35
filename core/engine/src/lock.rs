//! Locks that the kernel releases when a process ends, however it ends.

mod file;
mod flock;
mod volume;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub(crate) use file::FILE;
use file::LockFile;
use flock::{flock, is_taken};
use rustix::fs::{FlockOperation, major, minor};

/// How often a lock is looked for in the kernel's list.
const LOOKS: usize = 4;

/// A lock, held until dropped.
#[derive(Debug)]
pub struct Held {
    _file: File,
    /// Dropped after its name is removed.
    _beside: Option<LockFile>,
}

impl From<File> for Held {
    fn from(file: File) -> Self {
        Self {
            _file: file,
            _beside: None,
        }
    }
}

/// Takes the lock on `file`; `None` when another has it.
pub fn exclusive(file: File) -> io::Result<Option<Held>> {
    Ok(is_taken(&file)?.then(|| file.into()))
}

/// Takes the lock on the directory at `path`, which is open as `dir`; `None` when another has it.
///
/// The lock of a directory excludes nobody on another machine (Linux, fs/nfs/dir.c: a directory has no lock
/// of the server's). So where other machines may have the directory too, a file in it is locked as well,
/// which the server does. It is removed with the lock; one that was left is taken again.
pub fn directory(dir: File, path: &Path) -> io::Result<Option<Held>> {
    match volume::is_local(&dir)? {
        true => exclusive(dir),
        false => with_file(dir, path),
    }
}

fn with_file(dir: File, path: &Path) -> io::Result<Option<Held>> {
    let Some(mut held) = exclusive(dir)? else {
        return Ok(None);
    };
    match LockFile::take(&path.join(FILE)) {
        Ok(None) => Ok(None),
        Ok(beside) => {
            held._beside = beside;
            Ok(Some(held))
        }
        // Who cannot write there changes nothing there.
        Err(error) if is_no_leave(&error) => Ok(Some(held)),
        Err(error) => Err(error),
    }
}

fn is_no_leave(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::ROFS | Errno::ACCESS | Errno::PERM))
}

/// Takes a lock that readers share; `None` when somebody writes, as a running etcd does.
pub fn shared(file: File) -> io::Result<Option<Held>> {
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(Some(file.into())),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a process holds the file's lock, as a running etcd holds its database's. A file that is
/// not there is not held; of one that cannot be opened nobody knows.
pub fn is_held(path: &Path) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(false),
                _ => Err(error),
            };
        }
    };
    shared(file).map(|lock| lock.is_none())
}

/// Who holds a lock on a file or a directory, for a message: "process 17 (etcd)". The kernel lists
/// all locks by device and inode in `/proc/locks` (proc_locks(5)); of a process in another pid namespace, and
/// on other systems, nothing is known.
pub fn holder(path: &Path) -> String {
    let known = || {
        let found = fs::metadata(path).ok()?;
        let (major, minor) = (major(found.dev()), minor(found.dev()));
        let wanted = format!("{major:02x}:{minor:02x}:{}", found.ino());
        let pid = (0..LOOKS).find_map(|_| {
            let locks = fs::read_to_string("/proc/locks").ok()?;
            locked_by(&locks, &wanted).map(str::to_owned)
        })?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        Some(format!("process {pid} ({})", name.trim()))
    };
    known().unwrap_or_else(|| "another process".into())
}

/// The process that holds `file`, as `major:minor:inode`.
fn locked_by<'a>(locks: &'a str, file: &str) -> Option<&'a str> {
    locks.lines().find_map(|lock| {
        let fields: Vec<&str> = lock.split_whitespace().collect();
        let [_, "FLOCK", _, _, pid, locked, ..] = fields[..] else {
            return None;
        };
        (locked == file).then_some(pid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On NFS two pods on two nodes initialized one directory at once: the lock of a directory is one of the
    /// machine. There a file in it is locked as well.
    #[test]
    fn a_directory_of_several_machines_is_held_by_a_file() {
        let root = tempfile::tempdir().unwrap();
        let take = || with_file(File::open(root.path()).unwrap(), root.path()).unwrap();
        // Another machine has only the file.
        let other = LockFile::take(&root.path().join(FILE)).unwrap();
        assert!(take().is_none());
        drop(other);
        let held = take();
        assert!(held.is_some());
        assert!(LockFile::take(&root.path().join(FILE)).unwrap().is_none());
        drop(held);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    /// Inodes are counted on every volume alike: a process that held a file of another volume was
    /// named, and an operator would have stopped it.
    #[test]
    fn a_file_of_another_volume_is_another() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 08:01:77 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 12 08:02:77 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 13 08:01:77 0 EOF\n";
        assert_eq!(locked_by(locks, "08:01:77"), Some("13"));
        assert_eq!(locked_by(locks, "08:03:77"), None);
    }
}
