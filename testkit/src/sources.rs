//! The sources of what is shipped: without tests, examples and fuzz targets.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where they lie in the repository.
const BELOW: [&str; 3] = ["core", "backends", "cli/src"];

/// All of them, in order; `root` is that of the repository.
pub fn shipped(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for below in BELOW {
        look(&root.join(below), &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn look(below: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(below)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.is_dir() {
            true if matches!(&*name, "tests" | "target" | "fuzz" | "examples") => {}
            true => look(&path, found)?,
            false if name.ends_with(".rs") && !name.ends_with("tests.rs") => found.push(path),
            false => {}
        }
    }
    Ok(())
}
