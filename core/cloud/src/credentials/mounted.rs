//! The files of a mounted secret.

use std::path::Path;
use std::{fs, io};

/// The files of a directory, sorted. Names that begin with a dot are Kubernetes' own: the
/// directories of earlier versions of a secret.
pub(super) fn names(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Through the link: a mounted secret is links into the directory of its version.
        if !name.starts_with('.') && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
