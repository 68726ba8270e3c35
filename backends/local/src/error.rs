use std::io;

use snapstore::{Error, ErrorKind, Key};

/// What the operating system said, in the words of the contract.
pub(crate) fn from_io(operation: &'static str, key: Option<&Key>, cause: io::Error) -> Error {
    let error = Error::new(kind(&cause), operation, cause.to_string()).with_source(cause);
    match key {
        Some(key) => error.with_key(key),
        None => error,
    }
}

fn kind(cause: &io::Error) -> ErrorKind {
    match cause.kind() {
        // A key below a file (`a/b` beside the object `a`) names nothing.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ErrorKind::NotFound,
        io::ErrorKind::AlreadyExists => ErrorKind::AlreadyExists,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Denied,
        io::ErrorKind::InvalidFilename => ErrorKind::Config,
        _ => ErrorKind::Unexpected,
    }
}
