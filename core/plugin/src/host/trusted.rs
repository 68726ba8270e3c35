//! Which files may be run: those that nobody can have written but root and whoever runs this process.

use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use snapstore::{Error, ErrorKind, Result};

/// Bits of a mode that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// In such a directory only an entry's owner (and root, and the directory's owner) may replace it.
const STICKY: u32 = 0o1000;

/// The file at `path`, opened, and its real path: what was checked is what stays open.
pub(super) fn file(path: &Path) -> Result<(File, PathBuf)> {
    let what = format!("the plugin {}", path.display());
    let wrong = |error: std::io::Error| refuse(&what, &error.to_string());
    let real = fs::canonicalize(path).map_err(wrong)?;
    let file = File::open(&real).map_err(wrong)?;
    let metadata = file.metadata().map_err(wrong)?;
    if !metadata.is_file() {
        return Err(refuse(&what, "it is no file"));
    }
    ours(&metadata).map_err(|why| refuse(&what, &why))?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        let why = "others than its owner may write it, and loading it is running it; chmod go-w it";
        return Err(refuse(&what, why));
    }
    // By the path that was given, whose links somebody else could lead elsewhere, and by the real one.
    way(&what, &std::path::absolute(path).map_err(wrong)?, LINKS)?;
    way(&what, &real, LINKS)?;
    Ok((file, real))
}

/// Links on one way, as Linux follows them (path_resolution(7)).
const LINKS: u8 = 40;

/// Every directory that leads to `path`, an absolute one, and every link on the way with its own.
fn way(what: &str, path: &Path, links: u8) -> Result<()> {
    for at in path.ancestors() {
        let wrong = |why: String| refuse(what, &format!("{}: {why}", at.display()));
        let metadata = fs::symlink_metadata(at).map_err(|error| wrong(error.to_string()))?;
        ours(&metadata).map_err(wrong)?;
        if metadata.is_dir() && at != path {
            entries_stay(&metadata).map_err(wrong)?;
        }
        if metadata.is_symlink() {
            let to = fs::read_link(at).map_err(|error| wrong(error.to_string()))?;
            let to = at.parent().unwrap_or(at).join(to);
            match links.checked_sub(1) {
                Some(left) => way(what, &to, left)?,
                None => return Err(wrong("too many links lead on from it".to_owned())),
            }
        }
    }
    Ok(())
}

/// A directory of plugins. Nobody else may put files into it, sticky or not: a provider is loaded by
/// its name, and whoever may put a file there chooses which.
pub(super) fn directory(dir: &Path) -> Result<()> {
    let what = format!("the plugin directory {}", dir.display());
    let absolute = std::path::absolute(dir);
    way(
        &what,
        &absolute.map_err(|error| refuse(&what, &error.to_string()))?,
        LINKS,
    )?;
    let metadata = fs::metadata(dir).map_err(|error| refuse(&what, &error.to_string()))?;
    ours(&metadata).map_err(|why| refuse(&what, &why))?;
    match metadata.mode() & OTHERS_WRITE {
        0 => Ok(()),
        _ => Err(refuse(&what, OPEN)),
    }
}

const OPEN: &str = "others than its owner may put files into it, and loading them is running them; \
                    chmod go-w it";

fn entries_stay(metadata: &Metadata) -> std::result::Result<(), String> {
    let has = |bits: u32| metadata.mode() & bits != 0;
    match has(OTHERS_WRITE) && !has(STICKY) {
        false => Ok(()),
        true => Err(OPEN.to_owned()),
    }
}

fn ours(metadata: &Metadata) -> std::result::Result<(), String> {
    let (me, owner) = (rustix::process::geteuid().as_raw(), metadata.uid());
    match owner == 0 || owner == me {
        true => Ok(()),
        false => Err(format!(
            "it belongs to another user ({owner}); only what is root's or your own ({me}) is loaded"
        )),
    }
}

pub(super) fn refuse(what: &str, why: &str) -> Error {
    Error::new(ErrorKind::Config, "load", format!("{what}: {why}"))
}
