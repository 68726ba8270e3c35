use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::identity::Identity;

const STATE: &str = "state.json";

/// A server that was started, as it is written down beside its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Which one.
    pub name: String,
    /// In this version.
    pub version: String,
    /// For this target of the conformance suite.
    pub target: String,
    /// The variable that tells of it.
    pub variable: String,
    /// What the variable is set to: the base URL.
    pub url: String,
    /// Its data, its log and this record.
    pub dir: PathBuf,
    pub(super) process: Identity,
}

impl Running {
    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        self.process.is_alive()
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Where it says what it does.
    pub fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// What was written down in `dir`, if anything was.
    pub(super) fn read(dir: &Path) -> Option<Self> {
        let state = fs::read(dir.join(STATE)).ok()?;
        serde_json::from_slice(&state).ok()
    }

    /// Whole or not at all: a server that is not written down is never stopped.
    pub(super) fn write(&self) -> Result<()> {
        let (part, whole) = (self.dir.join(".state"), self.dir.join(STATE));
        fs::write(&part, serde_json::to_vec_pretty(self)?)
            .and_then(|()| fs::rename(&part, &whole))
            .with_context(|| format!("write {}", whole.display()))
    }

    /// Stops it and removes what it kept.
    pub(super) fn remove(&self) -> Result<()> {
        self.process.end()?;
        fs::remove_dir_all(&self.dir).with_context(|| format!("remove {}", self.dir.display()))
    }
}
