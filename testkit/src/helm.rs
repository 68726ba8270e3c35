//! Helm, which renders charts: without a cluster, and with a home of its own.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, str};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::oracles::{self, Binary};

/// It, and a directory for what it keeps and is given.
#[derive(Debug)]
pub struct Helm {
    binary: Binary,
    home: TempDir,
}

/// What a chart is rendered for.
#[derive(Debug, Clone, Copy)]
pub struct Release<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
}

impl Helm {
    /// Brought into the cache if need be.
    pub fn new() -> Result<Self> {
        Ok(Self {
            binary: oracles::helm()?,
            home: tempfile::tempdir()?,
        })
    }

    /// Looks a chart over with these values (YAML or JSON); a warning counts as an error.
    pub fn lint(&self, chart: &Path, values: &str) -> Result<Output> {
        self.run(&["lint", "--strict"], chart, values)
    }

    /// The objects of a release, as one text in YAML; an error is what Helm says of it.
    pub fn template(&self, chart: &Path, release: Release<'_>, values: &str) -> Result<String> {
        let words = [
            "template",
            release.name,
            "--namespace",
            release.namespace,
            "--kube-version",
            "1.37.2",
        ];
        let done = self.run(&words, chart, values)?;
        let said = String::from_utf8_lossy(&done.stderr);
        anyhow::ensure!(done.status.success(), "{said}");
        Ok(str::from_utf8(&done.stdout)?.to_owned())
    }

    fn run(&self, words: &[&str], chart: &Path, values: &str) -> Result<Output> {
        let file = tempfile::NamedTempFile::new_in(self.home.path())?;
        fs::write(file.path(), values)?;
        Command::new(self.binary.path())
            .args(words)
            .arg(chart)
            .arg("--values")
            .arg(file.path())
            .env_clear()
            .env("HOME", self.home.path())
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("run {}", self.binary.path().display()))
    }
}
