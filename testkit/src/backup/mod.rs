//! A store of backups, written the way the reference writes it (etcd-backup-restore 0.44,
//! `pkg/snapstore`, `pkg/snapshot/snapshotter`). On purpose nothing here is shared with the code
//! under test.

mod compression;
mod delta;
mod hashed;
pub mod metadata;
pub mod name;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use compression::{Compression, compress};
pub use delta::{DeltaWriter, Written};
pub use hashed::{Hashed, with_hash};
pub use metadata::Told;

use crate::etcd::Event;

/// Which of the reference's two ways to lay objects out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// All of them in `v2/`.
    V2,
    /// Those of before 2020: each full in a directory of its own, `v1/Backup-TIME/`, with the
    /// deltas after it.
    V1,
}

/// Whether a full is the last before its cluster goes to sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It is one of many.
    Regular,
    /// It is.
    Final,
}

/// Seconds since 1970 at which the first object is written; each takes a second.
const BEGIN: i64 = 1_795_338_000;

/// A directory with backups in it.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    layout: Layout,
    /// The directory of the newest full, in the old layout.
    current: String,
    written: i64,
    /// What is written beside each object, and the object before.
    told: Option<(Told, Option<String>)>,
}

impl Store {
    /// An empty one at `root`.
    pub fn create(root: PathBuf, layout: Layout) -> Result<Self> {
        fs::create_dir_all(&root).with_context(|| format!("create {}", root.display()))?;
        Ok(Self {
            root,
            layout,
            current: format!("v1/Backup-{BEGIN}"),
            written: 0,
            told: None,
        })
    }

    /// Where it is: what `--store-container` names.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// From now on writes metadata beside each object, as this project does: the objects are of that lineage, and each
    /// continues the one before.
    pub fn tell(&mut self, told: Told) {
        self.told = Some((told, None));
    }

    /// Writes a full: `database` as etcd sent it, under the name of `revision`.
    pub fn full(
        &mut self,
        revision: i64,
        database: &[u8],
        compression: Compression,
        occasion: Occasion,
    ) -> Result<()> {
        let time = self.tick();
        self.current = format!("v1/Backup-{time}");
        let last = match occasion {
            Occasion::Regular => "",
            Occasion::Final => ".final",
        };
        let name = name::full(revision, time, compression) + last;
        self.write(&name, &compress(compression, database))
    }

    /// Writes a delta with `events`, which are whole revisions.
    pub fn delta(&mut self, events: &[Event], compression: Compression) -> Result<()> {
        let time = self.tick();
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return Ok(());
        };
        let (first, last) = (first.revision(), last.revision());
        let name = name::delta(first..=last, time, compression);
        self.write(&name, &compress(compression, &delta::encode(events, time)?))
    }

    fn tick(&mut self) -> i64 {
        self.written += 1;
        BEGIN + self.written
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let dir = match self.layout {
            Layout::V2 => self.root.join("v2"),
            Layout::V1 => self.root.join(&self.current),
        };
        fs::create_dir_all(&dir)?;
        let path = dir.join(name);
        fs::write(&path, bytes).with_context(|| format!("write {}", path.display()))?;
        if let Some((told, previous)) = &mut self.told {
            told.write(&self.root, name, previous.as_deref())?;
            *previous = Some(name.to_owned());
        }
        Ok(())
    }
}
