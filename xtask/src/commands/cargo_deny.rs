//! cargo-deny, built from crates.io into this user's cache.

use std::path::PathBuf;

use anyhow::Result;

use super::tools;

/// What is built.
const VERSION: &str = "0.20.2";

/// The program, built if it is not there.
pub(super) fn bring() -> Result<PathBuf> {
    tools::bring("cargo-deny", VERSION)
}
