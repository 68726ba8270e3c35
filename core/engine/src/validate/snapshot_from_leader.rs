//! A database that came from the leader and waits to take the place of `member/snap/db`: etcd renames it
//! at its start and opens it (server/etcdserver/api/snap/db.go, `DBFilePath`; server/storage/backend.go,
//! `OpenSnapshotBackend`).

use std::fs::File;
use std::io;
use std::path::Path;

use bolt::Db;
use etcd::data_dir::SNAP;
use etcd::store_state::StoreState;

use super::database::Records;
use super::facts::Part;

/// Its name, below the data directory.
pub(super) fn name(index: u64) -> String {
    format!("{SNAP}/{index:016x}.snap.db")
}

/// What the file is that came with the raft snapshot at `index`; `None` when there is none. One that is
/// cut off, zeros or empty, as after a loss of power, is damage: etcd does not start on the first two, and
/// begins with nothing on the third.
pub(super) fn snapshot_from_leader(data_dir: &Path, index: u64) -> Option<Part> {
    let name = name(index);
    let file = match File::open(data_dir.join(&name)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return Some(Part::Unreadable(format!("cannot open {name}: {error}"))),
    };
    let read = || -> Result<Option<String>, etcd::Error> {
        let db = Db::open(file)?;
        StoreState::read(&db)?;
        let mut records = Records::default();
        let mut report = bolt::check(&db, &mut records);
        if let Some(error) = report.take_io_failure() {
            return Err(error.into());
        }
        let finding = report.findings.first().map(ToString::to_string);
        Ok(finding.or(records.malformed))
    };
    Some(match read() {
        Ok(None) => Part::Fine,
        Ok(Some(what)) => Part::Damaged(format!("{name}: {what}")),
        Err(etcd::Error::Bolt(bolt::Error::Io { source, .. }))
            if source.kind() != io::ErrorKind::UnexpectedEof =>
        {
            Part::Unreadable(format!("{name}: {source}"))
        }
        Err(error) => Part::Damaged(format!("{name}: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::RwLock;

    use bolt::BulkWriter;

    use super::*;

    /// Nobody looked into it: a directory on which etcd does not start, or on which it forgets everything,
    /// was called whole.
    #[test]
    fn only_a_whole_database_takes_the_place() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(name(63));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert_eq!(snapshot_from_leader(root.path(), 63), None);
        let file = RwLock::new(Vec::new());
        let mut writer = BulkWriter::create(&file, 4096).unwrap();
        for name in ["key", "meta"] {
            writer.bucket(name.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let whole = file.into_inner().unwrap();
        fs::write(&path, &whole).unwrap();
        assert_eq!(snapshot_from_leader(root.path(), 63), Some(Part::Fine));
        let zeros = vec![0; whole.len()];
        for damaged in [&whole[..whole.len() - 4096], &zeros, &[]] {
            fs::write(&path, damaged).unwrap();
            let found = snapshot_from_leader(root.path(), 63).unwrap();
            assert!(
                matches!(&found, Part::Damaged(what) if what.contains("3f.snap.db")),
                "{found:?}"
            );
        }
    }
}
