//! The files of a member that are known by their names.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use etcd::raft_snapshot::{self, SnapshotName};
use etcd::raftpb::Snapshot;
use etcd::wal::SegmentName;

/// All files of the log in `dir`, open.
pub(crate) fn segments(dir: &Path) -> io::Result<Vec<(SegmentName, File)>> {
    let files = named(dir, SegmentName::parse)?;
    let open = |(name, path): (SegmentName, PathBuf)| {
        let failed = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
        Ok((name, File::open(path).map_err(failed)?))
    };
    files.into_iter().map(open).collect()
}

/// All raft snapshots in `dir`, newest first.
pub(crate) fn snapshots(dir: &Path) -> io::Result<Vec<(SnapshotName, PathBuf)>> {
    let mut files = named(dir, SnapshotName::parse)?;
    files.sort_unstable_by_key(|(name, _)| Reverse(*name));
    Ok(files)
}

/// The files whose names `parse` takes. A directory that is not there has none.
fn named<N>(dir: &Path, parse: impl Fn(&str) -> Option<N>) -> io::Result<Vec<(N, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.and_then(&parse) {
            files.push((name, path));
        }
    }
    Ok(files)
}

/// A `.snap` file, and what it holds.
pub(crate) type ReadSnapshot = (SnapshotName, Result<Snapshot, raft_snapshot::Damage>);

/// All `.snap` files, newest first.
pub(crate) fn read_snapshots(dir: &Path) -> io::Result<Vec<ReadSnapshot>> {
    let read = |(name, path): (SnapshotName, PathBuf)| {
        let bytes = fs::read(path)?;
        Ok((name, raft_snapshot::decode(&bytes)))
    };
    snapshots(dir)?.into_iter().map(read).collect()
}
