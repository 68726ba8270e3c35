//! What the machine refuses: space, threads, open files. Told by its cause, with how much there is, so
//! that nobody takes it for a damaged backup.

use std::io;
use std::path::Path;

use rustix::io::Errno;
use rustix::process::{Resource, geteuid, getrlimit};

use crate::size::bytes;

/// The remedy for what the system said of `path`, as the end of a sentence; empty where it says all
/// there is.
pub fn remedy(source: &io::Error, path: &Path) -> String {
    let Some(errno) = Errno::from_io_error(source) else {
        return String::new();
    };
    match errno {
        Errno::NOSPC => format!(
            "; {} are free there: free some space or choose a data directory on a larger disk",
            free(path).map_or_else(|| "no more bytes".into(), bytes)
        ),
        Errno::DQUOT => "; the quota of this user or project is used up: raise it or free some \
                         space"
            .into(),
        Errno::FBIG => format!(
            "; the limit on the size of a file (RLIMIT_FSIZE, `ulimit -f`) is {}: raise it",
            limit(Resource::Fsize, "bytes")
        ),
        Errno::MFILE => format!(
            "; the limit on open files (RLIMIT_NOFILE, `ulimit -n`) is {}: raise it",
            limit(Resource::Nofile, "files")
        ),
        Errno::NFILE => "; the whole machine has no open file left (fs.file-max): raise it".into(),
        Errno::NOMEM => format!(
            "; the limit on memory (RLIMIT_AS, `ulimit -v`) is {}: raise it, or give the machine \
             or container more memory",
            limit(Resource::As, "bytes")
        ),
        Errno::IO => "; the disk does not do its work: look for its errors in the kernel's log \
                      (`dmesg`)"
            .into(),
        Errno::ACCESS | Errno::PERM => "; run as the user that etcd runs as".into(),
        Errno::ROFS => "; the filesystem is mounted read-only".into(),
        Errno::NOLCK => {
            "; its file server gives no locks: start its lock service, or mount it with \
                         locks (NFS: without `nolock`)"
                .into()
        }
        _ => String::new(),
    }
}

/// Whether only who writes is told so.
pub(crate) fn is_of_writing(source: &io::Error) -> bool {
    let errno = Errno::from_io_error(source);
    matches!(
        errno,
        Some(Errno::NOSPC | Errno::DQUOT | Errno::FBIG | Errno::ROFS)
    )
}

/// Bytes that this process may still write on the volume of `path`, or of the nearest
/// directory above it that is there. `None` where the system does not say.
pub(crate) fn free(path: &Path) -> Option<u64> {
    let volume = path
        .ancestors()
        .map(|at| match at.as_os_str().is_empty() {
            true => Path::new("."),
            false => at,
        })
        .find_map(|at| rustix::fs::statvfs(at).ok())?;
    // A part of the volume is kept for root.
    let blocks = match geteuid().is_root() {
        true => volume.f_bfree,
        false => volume.f_bavail,
    };
    blocks.checked_mul(volume.f_frsize)
}

pub(crate) fn limit(resource: Resource, unit: &str) -> String {
    match getrlimit(resource).current {
        Some(limit) => format!("{limit} {unit}"),
        None => "unlimited".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errno_is_told_with_what_there_is() {
        let told = |errno: Errno| remedy(&errno.into(), Path::new("/dev/shm/not/there"));
        assert!(told(Errno::NOSPC).contains("iB are free there"));
        assert!(told(Errno::MFILE).contains("RLIMIT_NOFILE"));
        assert!(told(Errno::FBIG).contains("RLIMIT_FSIZE"));
        assert!(told(Errno::IO).contains("dmesg"));
        assert_eq!(told(Errno::NOENT), "");
        assert_eq!(remedy(&io::Error::other("no errno"), Path::new("/")), "");
    }
}
