//! The program under test, kept where no other build can put another in its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// Another build may come between a build and the copy of what it made.
const ATTEMPTS: usize = 5;

/// A copy of `etcdbrctl`, as it was when a run began. Removed when dropped.
#[derive(Debug)]
pub(crate) struct OwnProgram {
    path: PathBuf,
    _room: TempDir,
}

impl OwnProgram {
    /// Builds it with the features of this workspace, and copies it. A run that takes hours met the
    /// program of another build in the target directory, with other features or half written.
    pub(crate) fn build() -> Result<Self> {
        for _ in 0..ATTEMPTS {
            let kept = Self::keep(&built()?)?;
            // Nothing to do but to put it in its place again: if that is the copy, so was the first.
            if fs::read(built()?)? == fs::read(&kept.path)? {
                return Ok(kept);
            }
        }
        bail!("another build puts its own etcdbrctl into the target directory all the time")
    }

    /// A copy of what is at `path` now.
    fn keep(path: &Path) -> Result<Self> {
        let room = tempfile::tempdir()?;
        let own = room.path().join("etcdbrctl");
        fs::copy(path, &own).with_context(|| format!("copy {}", path.display()))?;
        Ok(Self {
            path: own,
            _room: room,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn built() -> Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--package", "etcdbrctl"])
        .args(["--message-format", "json"])
        .stderr(Stdio::inherit())
        .output()
        .context("run cargo build")?;
    ensure!(output.status.success(), "etcdbrctl does not build");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .context("cargo did not say where it put etcdbrctl")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fuzz-history ran what lay in the target directory when each case began: a build of it with other
    /// features in between made all the cases after it fail.
    #[test]
    fn another_build_does_not_change_it() -> Result<()> {
        let target = tempfile::tempdir()?;
        let built = target.path().join("etcdbrctl");
        fs::write(&built, "as it was")?;
        let own = OwnProgram::keep(&built)?;
        fs::write(&built, "another")?;
        assert_eq!(fs::read_to_string(own.path())?, "as it was");
        fs::remove_file(&built)?;
        assert!(own.path().exists());
        Ok(())
    }
}
