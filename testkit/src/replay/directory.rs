use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};
use bolt::Db;
use etcd::data_dir;
use etcd::raft_snapshot::{self, SnapshotName};
use etcd::wal::{Files, Log, SegmentName};

/// A data directory that nobody uses, open for reading.
pub struct Directory {
    /// Its database.
    pub db: Db<File>,
    /// Its log, from the snapshot on that etcd would start from.
    pub log: Log<File>,
}

impl Directory {
    /// Opens it as etcd would.
    pub fn open(path: &Path) -> Result<Self> {
        let db = Db::open(File::open(path.join(data_dir::DB))?)?;
        let log = whole_log(path)?;
        let mut snapshots: Vec<SnapshotName> = names(&path.join(data_dir::SNAP))?
            .iter()
            .filter_map(|name| SnapshotName::parse(name))
            .collect();
        snapshots.sort();
        let newest_first = snapshots.into_iter().rev().map(|name| {
            let bytes = fs::read(path.join(data_dir::snapshot(name))).unwrap_or_default();
            (name, raft_snapshot::decode(&bytes))
        });
        let choice = raft_snapshot::choose(newest_first, log.counting_snapshots());
        let log = log.starting_at(choice.start)?;
        Ok(Self { db, log })
    }
}

/// The log of a directory, from its oldest file on.
pub(super) fn whole_log(path: &Path) -> Result<Log<File>> {
    let mut segments = Vec::new();
    for name in names(&path.join(data_dir::WAL))? {
        if let Some(segment) = SegmentName::parse(&name) {
            segments.push((segment, File::open(path.join(data_dir::segment(segment)))?));
        }
    }
    Log::read(Files::new(segments)).context("read the log")
}

fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).with_context(|| format!("list {}", dir.display()))?;
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Copies a directory with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
