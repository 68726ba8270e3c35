//! Places in memory for what object stores keep whose disk is not on trial: MinIO and Swift flush each write, and tests waited
//! for that.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

const SHARED: &str = "/dev/shm";

/// A directory of this user, made if need be. An error where this machine has no such place.
pub(crate) fn shelf(name: &str) -> Result<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let shelf = Path::new(SHARED).join(format!("etcdbr-{user}")).join(name);
    // Everybody may write to the place above it.
    let mut private = DirBuilder::new();
    private.mode(0o700).recursive(true);
    private
        .create(&shelf)
        .with_context(|| format!("create {}", shelf.display()))?;
    Ok(shelf)
}

/// A directory that goes when it is dropped; among other temporary ones where this machine has no such place.
pub(crate) fn tempdir() -> io::Result<TempDir> {
    TempDir::with_prefix_in("etcdbr-", SHARED).or_else(|_| tempfile::tempdir())
}
