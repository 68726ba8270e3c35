use std::fs::{self, File};
use std::io;
use std::path::Path;

use etcd::data_dir::{self, SNAP, WAL};
use etcd::raft_snapshot::{self, SnapshotName};
use etcd::raftpb::Snapshot;
use etcd::v2_keys::V2Keys;
use etcd::wal::{Files, Log, Start};

use crate::data_dir::{read_snapshots, segments};

/// What the member in `data_dir` holds of the v2 API: in the newest raft snapshot that its log knows, and in
/// the log from there on.
pub(crate) fn v2_keys(data_dir: &Path) -> Result<V2Keys, etcd::Error> {
    let snapshots = read_snapshots(&data_dir.join(SNAP)).map_err(|error| failed(SNAP, error))?;
    let files = segments(&data_dir.join(WAL)).map_err(|error| failed(WAL, error))?;
    if files.is_empty() {
        return of(snapshots
            .into_iter()
            .find_map(|(_, read)| read.ok())
            .as_ref());
    }
    let log = Log::read(Files::new(files))?;
    let newest = newest(snapshots, &log);
    let start = newest.map_or_else(Start::default, |snapshot| Start {
        index: snapshot.metadata.index,
        term: snapshot.metadata.term,
        conf_state: snapshot.metadata.conf_state,
    });
    along(data_dir, &log.starting_at(start)?)
}

/// The same in the raft snapshot that `log` goes on from, if it has a file, and in what follows on it.
pub(crate) fn along(data_dir: &Path, log: &Log<File>) -> Result<V2Keys, etcd::Error> {
    let start = log.start();
    let path = data_dir.join(data_dir::snapshot(SnapshotName {
        term: start.term,
        index: start.index,
    }));
    let mut found = match fs::read(&path) {
        Ok(bytes) => of(raft_snapshot::decode(&bytes).ok().as_ref())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => V2Keys::default(),
        Err(error) => return Err(failed(SNAP, error)),
    };
    found.add_log(log)?;
    Ok(found)
}

fn failed(what: &str, source: io::Error) -> etcd::Error {
    etcd::Error::Read {
        what: what.to_owned(),
        source,
    }
}

fn of(snapshot: Option<&Snapshot>) -> Result<V2Keys, etcd::Error> {
    let data = snapshot.and_then(|snapshot| snapshot.data.as_deref());
    V2Keys::in_snapshot(data.unwrap_or_default()).map_err(|malformed| malformed.in_place(SNAP))
}

/// The newest that can be read and that the log has a counting record of.
fn newest<R: bolt::ReadAt>(
    all: Vec<(SnapshotName, Result<Snapshot, raft_snapshot::Damage>)>,
    log: &Log<R>,
) -> Option<Snapshot> {
    let counts = |snapshot: &Snapshot| {
        let of = &snapshot.metadata;
        log.counting_snapshots()
            .any(|record| (record.index, record.term) == (of.index, of.term))
    };
    let read = all.into_iter().filter_map(|(_, read)| read.ok());
    read.into_iter().find(counts)
}
