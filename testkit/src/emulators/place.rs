use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::port;

/// Where a server runs.
#[derive(Debug)]
pub(super) struct Place {
    /// For its programs and its log.
    pub(super) dir: PathBuf,
    /// For its data; empty.
    pub(super) data: PathBuf,
    pub(super) port: u16,
}

impl Place {
    /// Makes `dir` anew.
    pub(super) fn fresh(dir: PathBuf) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("remove {}", dir.display()))?;
        }
        let data = dir.join("data");
        fs::create_dir_all(&data).with_context(|| format!("create {}", data.display()))?;
        let port = port::free()?;
        Ok(Self { dir, data, port })
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A file beside the data.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.dir.join(name);
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))
    }

    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    pub(super) fn last_words(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}
