//! Locks that the kernel releases when a process ends, however it ends.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FlockOperation, major, minor};

/// A lock, held until dropped.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

/// Takes the lock on `file`; `None` when another has it.
pub fn exclusive(file: File) -> io::Result<Option<Held>> {
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Held { _file: file })),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes a lock that readers share; `None` when somebody writes, as a running etcd does.
pub fn shared(file: File) -> io::Result<Option<Held>> {
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(Some(Held { _file: file })),
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
        let locks = fs::read_to_string("/proc/locks").ok()?;
        let pid = locked_by(&locks, &wanted)?;
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

#[expect(
    clippy::disallowed_methods,
    reason = "this is the module that others are told to use"
)]
fn flock(file: &File, operation: FlockOperation) -> rustix::io::Result<()> {
    rustix::fs::flock(file, operation)
}

#[cfg(test)]
mod tests {
    use super::*;

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
