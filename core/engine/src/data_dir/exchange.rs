use std::io;
use std::path::Path;

/// Whether two names were exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exchange {
    /// In one step: there was no moment without either.
    Done,
    /// The file system cannot: nothing was done.
    Unsupported,
}

/// Exchanges what two names stand for (renameat2(2), `RENAME_EXCHANGE`).
#[cfg(target_os = "linux")]
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<Exchange> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(Exchange::Done),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(Exchange::Unsupported),
        Err(error) => Err(error.into()),
    }
}

/// Other systems have none, or another.
#[cfg(not(target_os = "linux"))]
pub(super) fn exchange(_one: &Path, _other: &Path) -> io::Result<Exchange> {
    Ok(Exchange::Unsupported)
}
