//! Programs out of Debian packages, without installing them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::program;

/// Downloads `packages` and puts what they have in `/usr/bin` into `bin`, and beside it libraries that are preloaded.
pub(super) fn unpack(packages: &[&str], version: &str, scratch: &Path, bin: &Path) -> Result<()> {
    let wanted: Vec<String> = packages
        .iter()
        .map(|package| format!("{package}={version}*"))
        .collect();
    let download = || program::run(apt(scratch).arg("download").args(&wanted));
    if download().is_err() {
        // The list of packages may be missing or old.
        program::run(apt(scratch).arg("update")).context("it comes from Debian's packages")?;
        download().context("it comes from Debian's packages")?;
    }
    let root = scratch.join("root");
    for entry in fs::read_dir(scratch)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            program::run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(&root))?;
        }
    }
    move_all(&root.join("usr/bin"), bin)?;
    for of_machine in fs::read_dir(root.join("usr/lib")).into_iter().flatten() {
        let preloaded = of_machine?.path().join("faketime");
        if preloaded.is_dir() {
            move_all(&preloaded, bin)?;
        }
    }
    Ok(())
}

fn move_all(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::rename(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// apt works in the directory it downloads into; its sandbox user may not write there, and need
/// not: what it fetched is checked either way.
pub(crate) fn apt(scratch: &Path) -> Command {
    let mut apt = Command::new("apt-get");
    apt.args(["-q", "-o", "APT::Sandbox::User=root"])
        .current_dir(scratch);
    apt
}
