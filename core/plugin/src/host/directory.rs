//! Plugins by their names, in a directory of the operator's.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use snapstore::{Error, ErrorKind, Result};

use super::trusted;

/// The plugin for the provider `name` in `dir`: `libNAME.so`, in lower case. `None` if there is no
/// such file.
///
/// Errors: `Config` for a name that is a path, and for a directory that belongs to others, or into
/// which they may put files: what is loaded would be theirs.
pub fn find(dir: &Path, name: &str) -> Result<Option<PathBuf>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let message = format!("a provider is named by letters, digits, '-' and '_', not {name:?}");
        return Err(Error::new(ErrorKind::Config, "load", message));
    }
    trusted::directory(dir)?;
    let path = dir.join(format!(
        "{DLL_PREFIX}{}{DLL_SUFFIX}",
        name.to_ascii_lowercase()
    ));
    match fs::metadata(&path) {
        Ok(_) => Ok(Some(path)),
        Err(none) if none.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let what = format!("the plugin directory {}", dir.display());
            Err(trusted::refuse(&what, &error.to_string()))
        }
    }
}
