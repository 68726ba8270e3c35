//! Where oracles stay: `$XDG_CACHE_HOME/etcdbr/oracles/NAME-VERSION/bin`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::Oracle;

/// The directory of all oracles, made if need be.
pub(super) fn root() -> Result<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => {
            let home =
                std::env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?;
            PathBuf::from(home).join(".cache")
        }
    };
    let root = cache.join("etcdbr/oracles");
    fs::create_dir_all(&root).with_context(|| format!("create {}", root.display()))?;
    Ok(root)
}

/// The place of one oracle.
pub(super) struct Slot {
    root: PathBuf,
    name: String,
}

impl Slot {
    pub(super) fn of(oracle: &Oracle) -> Result<Self> {
        Ok(Self {
            root: root()?,
            name: format!("{}-{}", oracle.name, oracle.version),
        })
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.root.join(&self.name)
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir().join("bin").join(name)
    }

    /// Held while one is brought, so that two runs at once do the work once. One lock for all of
    /// them: two builds side by side are slower than one after the other.
    pub(super) fn lock(&self) -> Result<File> {
        let path = self.root.join("lock");
        let file = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        file.lock()
            .with_context(|| format!("lock {}", path.display()))?;
        Ok(file)
    }

    /// Room to bring it into, on the same file system.
    pub(super) fn begin(&self) -> Result<Unfinished> {
        let room = TempDir::with_prefix_in(format!(".{}-", self.name), &self.root)
            .with_context(|| format!("make a directory in {}", self.root.display()))?;
        let scratch = room.path().join("scratch");
        let bin = room.path().join("whole/bin");
        for dir in [&scratch, &bin] {
            fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
        }
        Ok(Unfinished { room, scratch, bin })
    }
}

/// An oracle that nobody finds yet. Removed when dropped.
pub(super) struct Unfinished {
    room: TempDir,
    scratch: PathBuf,
    bin: PathBuf,
}

impl Unfinished {
    /// For what is needed on the way.
    pub(super) fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// For the programs.
    pub(super) fn bin(&self) -> &Path {
        &self.bin
    }

    pub(super) fn publish(self, slot: &Slot) -> Result<()> {
        let dir = slot.dir();
        if dir.exists() {
            // Without its program, or `bring` would have found it.
            fs::remove_dir_all(&dir).with_context(|| format!("remove {}", dir.display()))?;
        }
        fs::rename(self.room.path().join("whole"), &dir)
            .with_context(|| format!("rename to {}", dir.display()))
    }
}
