//! Plugins by their names, in a directory of the operator's.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use snapstore::{Error, ErrorKind, Result};

/// Bits of a mode that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// The plugin for the provider `name` in `dir`: `libNAME.so`, in lower case. `None` if there is no
/// such file.
///
/// Errors: `Config` for a name that is a path, and for a directory into which others may put
/// files: what is loaded would be theirs.
pub fn find(dir: &Path, name: &str) -> Result<Option<PathBuf>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let message = format!("a provider is named by letters, digits, '-' and '_', not {name:?}");
        return Err(Error::new(ErrorKind::Config, "load", message));
    }
    let refuse = |what: String| {
        let message = format!("the plugin directory {}: {what}", dir.display());
        Error::new(ErrorKind::Config, "load", message)
    };
    let metadata = fs::metadata(dir).map_err(|error| refuse(error.to_string()))?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        let what = "others than its owner may put files into it, and loading them is running them; \
                    chmod go-w it";
        return Err(refuse(what.to_owned()));
    }
    let path = dir.join(format!(
        "{DLL_PREFIX}{}{DLL_SUFFIX}",
        name.to_ascii_lowercase()
    ));
    match fs::metadata(&path) {
        Ok(_) => Ok(Some(path)),
        Err(none) if none.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refuse(error.to_string())),
    }
}
