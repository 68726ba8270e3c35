use std::fs::File;
use std::io;

use rustix::fs::FlockOperation;

/// Takes the lock on `file`, for as long as it is open; false when another has it.
pub(super) fn is_taken(file: &File) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the module that others are told to use"
)]
pub(super) fn flock(file: &File, operation: FlockOperation) -> rustix::io::Result<()> {
    rustix::fs::flock(file, operation)
}
