//! Locks that the kernel releases when a process ends, however it ends.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::FlockOperation;

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

/// Whether a process holds the file's lock, as a running etcd holds its database's. A file that
/// cannot be opened is not held.
pub fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    let answer = flock(&file, FlockOperation::NonBlockingLockShared);
    answer == Err(rustix::io::Errno::WOULDBLOCK)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the module that others are told to use"
)]
fn flock(file: &File, operation: FlockOperation) -> rustix::io::Result<()> {
    rustix::fs::flock(file, operation)
}
