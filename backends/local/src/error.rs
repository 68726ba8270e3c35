use std::io;

use std::path::{Path, PathBuf};

use snapstore::{Error, ErrorKind, Key};

/// What the operating system said of one path.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) path: PathBuf,
    pub(crate) cause: io::Error,
}

impl Fault {
    pub(crate) fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self { path, cause }
    }
}

/// What the operating system said, in the words of the contract.
pub(crate) fn from_io(
    operation: &'static str,
    key: Option<&Key>,
    path: &Path,
    cause: io::Error,
) -> Error {
    let message = format!("{cause}: {}", path.display());
    let error = Error::new(kind(operation, &cause), operation, message);
    let error = error.with_source(cause);
    match key {
        Some(key) => error.with_key(key),
        None => error,
    }
}

fn kind(operation: &str, cause: &io::Error) -> ErrorKind {
    match cause.kind() {
        // A directory cannot be made under the name of an object, nor an object over a directory.
        io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
            if matches!(operation, "put" | "start_upload" | "complete") =>
        {
            ErrorKind::Config
        }
        // A key below a file (`a/b` beside the object `a`) names nothing.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ErrorKind::NotFound,
        io::ErrorKind::AlreadyExists => ErrorKind::AlreadyExists,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Denied,
        io::ErrorKind::InvalidFilename => ErrorKind::Config,
        _ => ErrorKind::Unexpected,
    }
}
