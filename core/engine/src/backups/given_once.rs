//! A pipe gives its bytes once, in their order; a database is read at any place, and more than once.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use crate::error::{Error, Result};

/// What stands for standard input wherever a path is expected.
const STANDARD_INPUT: &str = "-";

/// Refuses standard input, a pipe, a socket and a device, before it is opened: to open a pipe waits until somebody
/// writes to it. That there is nothing at `path` is told by whoever opens it.
///
/// Errors: `DataDir`.
pub(crate) fn refuse(path: &Path) -> Result<()> {
    let refused = |what: &str| {
        Err(Error::DataDir {
            path: path.to_owned(),
            what: what.to_owned(),
        })
    };
    if path == Path::new(STANDARD_INPUT) {
        return refused(
            "standard input is given once, and this is read more than once: write it into a file first, and name that \
             (./- is the file of that name)",
        );
    }
    let Ok(found) = fs::metadata(path) else {
        return Ok(());
    };
    let kind = found.file_type();
    if kind.is_fifo() || kind.is_socket() {
        return refused(
            "it is a pipe, which is given once, and this is read more than once: write what it gives into a file first, \
             and name that",
        );
    }
    match found.is_file() || found.is_dir() {
        true => Ok(()),
        false => refused("it is not a regular file: write what it gives into one first"),
    }
}
