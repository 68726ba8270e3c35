//! What was brought once stays: `$XDG_CACHE_HOME/etcdbr/SHELF/NAME-VERSION`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// A directory of this user's cache, made if need be.
pub fn shelf(name: &str) -> Result<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => {
            let home =
                std::env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?;
            PathBuf::from(home).join(".cache")
        }
    };
    let shelf = cache.join("etcdbr").join(name);
    fs::create_dir_all(&shelf).with_context(|| format!("create {}", shelf.display()))?;
    Ok(shelf)
}

/// The place of one program, in one version.
pub struct Slot {
    root: PathBuf,
    name: String,
}

impl Slot {
    pub fn on(shelf_name: &str, name: String) -> Result<Self> {
        Ok(Self {
            root: shelf(shelf_name)?,
            name,
        })
    }

    pub fn dir(&self) -> PathBuf {
        self.root.join(&self.name)
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.dir().join("bin").join(name)
    }

    /// Held while one is brought, so that two runs at once do the work once. One lock for all of
    /// them: two builds side by side are slower than one after the other.
    pub fn lock(&self) -> Result<File> {
        let path = self.root.join("lock");
        let file = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        file.lock()
            .with_context(|| format!("lock {}", path.display()))?;
        Ok(file)
    }

    /// Room to bring it into, on the same file system.
    pub fn begin(&self) -> Result<Unfinished> {
        let room = TempDir::with_prefix_in(format!(".{}-", self.name), &self.root)
            .with_context(|| format!("make a directory in {}", self.root.display()))?;
        let scratch = room.path().join("scratch");
        let whole = room.path().join("whole");
        let bin = whole.join("bin");
        for dir in [&scratch, &bin] {
            fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
        }
        Ok(Unfinished {
            _room: room,
            scratch,
            whole,
            bin,
        })
    }
}

/// A program that nobody finds yet. Removed when dropped.
pub struct Unfinished {
    _room: TempDir,
    scratch: PathBuf,
    whole: PathBuf,
    bin: PathBuf,
}

impl Unfinished {
    /// For what is needed on the way.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// What is published: it will stand elsewhere, so nothing in it may know where it stands.
    pub fn whole(&self) -> &Path {
        &self.whole
    }

    /// For the programs.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    pub fn publish(self, slot: &Slot) -> Result<()> {
        let dir = slot.dir();
        if dir.exists() {
            // Without its program, or `bring` would have found it.
            fs::remove_dir_all(&dir).with_context(|| format!("remove {}", dir.display()))?;
        }
        fs::rename(&self.whole, &dir).with_context(|| format!("rename to {}", dir.display()))
    }
}
