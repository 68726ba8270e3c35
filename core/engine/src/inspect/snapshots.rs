use std::fs;
use std::path::{Path, PathBuf};

use etcd::data_dir::SNAP;
use etcd::raft_snapshot::{self, SnapshotName};
use serde::Serialize;

use super::Check;
use super::kind::{Kind, refuse_other};
use crate::data_dir;
use crate::error::{Error, Result};

/// The raft snapshots of a member.
#[derive(Debug, Default, Serialize)]
pub struct SnapshotsView {
    /// Newest first.
    pub files: Vec<SnapshotView>,
    /// What was checked, file by file.
    pub checks: Vec<Check>,
}

/// A raft snapshot, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotView {
    /// Its file.
    pub name: String,
    /// Its length, in bytes.
    pub bytes: usize,
    /// Index of the last entry in it; `None` when it cannot be read, as all that follows.
    pub index: Option<u64>,
    /// Its term.
    pub term: Option<u64>,
    /// Who had a vote, in hex.
    pub voters: Vec<String>,
    /// Who followed without one, in hex.
    pub learners: Vec<String>,
    /// Length of the store of etcd 2 in it, in bytes: the members, for 3.4 and 3.5.
    pub store_bytes: usize,
}

/// Reads the raft snapshots at `path`: one file, their directory, or a data directory.
pub fn snapshots(path: &Path) -> Result<SnapshotsView> {
    let mut view = SnapshotsView::default();
    for (name, path) in files(path)? {
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        view.add(name, &path, &bytes);
    }
    if view.files.is_empty() {
        let found = format!(
            "there is none in {}, as in a member that has taken none yet",
            path.display()
        );
        view.checks.push(Check::fine("snapshot", found));
    }
    Ok(view)
}

impl SnapshotsView {
    fn add(&mut self, name: Option<SnapshotName>, path: &Path, bytes: &[u8]) {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let hex = |ids: &[u64]| ids.iter().map(|id| format!("{id:x}")).collect();
        let mut shown = SnapshotView {
            name: file.clone().into_owned(),
            bytes: bytes.len(),
            index: None,
            term: None,
            voters: Vec::new(),
            learners: Vec::new(),
            store_bytes: 0,
        };
        let check = match raft_snapshot::decode(bytes) {
            // etcd passes over it to an older one, if there is one.
            Err(damage) => Check::damaged("snapshot", format!("{file}: {damage}")),
            Ok(snapshot) => {
                let metadata = &snapshot.metadata;
                shown.index = Some(metadata.index);
                shown.term = Some(metadata.term);
                shown.voters = hex(&metadata.conf_state.voters);
                shown.learners = hex(&metadata.conf_state.learners);
                shown.store_bytes = snapshot.data.as_ref().map_or(0, Vec::len);
                let own = SnapshotName {
                    term: metadata.term,
                    index: metadata.index,
                };
                match name {
                    Some(name) if name != own => {
                        Check::damaged("snapshot", format!("{file} holds what belongs in {own}"))
                    }
                    _ => Check::fine("snapshot", format!("{file}: its checksum is right")),
                }
            }
        };
        self.files.push(shown);
        self.checks.push(check);
    }
}

/// The files at `path`, newest first.
fn files(path: &Path) -> Result<Vec<(Option<SnapshotName>, PathBuf)>> {
    if !path.is_dir() {
        refuse_other(path, Kind::Snapshot)?;
        let name = path.file_name().and_then(|name| name.to_str());
        return Ok(vec![(name.and_then(SnapshotName::parse), path.to_owned())]);
    }
    let below = [path.join(SNAP), path.join("snap")];
    let known = below.into_iter().find(|dir| dir.is_dir());
    let dir = known.unwrap_or_else(|| path.to_owned());
    let files = data_dir::snapshots(&dir).map_err(Error::io("read", &dir))?;
    let named = |(name, path)| (Some(name), path);
    Ok(files.into_iter().map(named).collect())
}
