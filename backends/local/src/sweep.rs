//! Leftovers of writers whose process is gone.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::publish::{STAGING, absent_is_fine};

/// Removes what dead processes have staged: files that nobody has written to since `idle_since`.
pub(crate) fn sweep(root: &Path, idle_since: SystemTime) -> io::Result<u64> {
    let staged = match fs::read_dir(root.join(STAGING)) {
        Err(none) if none.kind() == io::ErrorKind::NotFound => return Ok(0),
        staged => staged?,
    };
    let mut swept = 0;
    for file in staged {
        let file = file?;
        // Whoever finishes beside us takes its file away.
        let written = match file.metadata() {
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
            metadata => metadata?.modified()?,
        };
        if written < idle_since {
            absent_is_fine(fs::remove_file(file.path()))?;
            swept += 1;
        }
    }
    Ok(swept)
}
