//! The Debian package, by cargo-deb: what is in it stands in cli/Cargo.toml.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use testkit::program;

use super::made_of::Dist;
use crate::commands::tools::bring;

const VERSION: &str = "3.8.0";

/// Of all that is in it, so that it comes out the same: 9 September 2001. Debian takes what is older for a mistake.
const TIME: &str = "1000000000";

/// Packs the program that is built already, with its pages and scripts.
pub(super) fn write(dist: &Dist, papers: &Path) -> Result<()> {
    let tool = bring("cargo-deb", VERSION)?;
    // cargo-deb takes files from fixed places below the manifest.
    let room = dist.root.join("target/deb");
    if room.exists() {
        fs::remove_dir_all(&room)?;
    }
    copy_all(papers, &room)?;
    fs::copy(&dist.program, room.join("etcdbrctl"))
        .with_context(|| format!("copy {}", dist.program.display()))?;
    program::run(
        Command::new(tool)
            .args([
                "deb",
                "--no-build",
                "--no-strip",
                "--package",
                "etcdbrctl",
                "--target",
                dist.machine.triple(),
                "--output",
            ])
            .arg(&dist.to)
            .current_dir(&dist.root)
            .env("SOURCE_DATE_EPOCH", TIME),
    )?;
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_all(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}
