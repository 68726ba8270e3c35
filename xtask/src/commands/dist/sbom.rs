//! What the program is made of, as CycloneDX.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use testkit::program;

use super::made_of::Dist;
use crate::commands::tools::bring;

const VERSION: &str = "0.5.9";

/// Writes the list of components of the program on this platform.
pub(super) fn write(dist: &Dist) -> Result<()> {
    let tool = bring("cargo-cyclonedx", VERSION)?;
    // It writes beside the manifest, under a name of its own.
    let name = "etcdbrctl-dist";
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    program::run(
        Command::new(tool)
            .args(["cyclonedx", "--format", "json", "--override-filename", name])
            .args(["--target", &target, "--manifest-path"])
            .arg(dist.root.join("cli/Cargo.toml"))
            // Without it each run has another number and time.
            .env("SOURCE_DATE_EPOCH", "0"),
    )?;
    let made = dist.root.join("cli").join(format!("{name}.json"));
    let to = dist.named(".cdx.json");
    fs::copy(&made, to).with_context(|| format!("copy {}", made.display()))?;
    for member in fs::read_dir(&dist.root)? {
        let left = member?.path().join(format!("{name}.json"));
        if left.exists() {
            fs::remove_file(left)?;
        }
    }
    Ok(())
}
