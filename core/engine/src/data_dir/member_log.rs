use std::fs::File;
use std::path::Path;

use etcd::data_dir::WAL;
use etcd::wal::{Files, Log};

use super::named::segments;

/// The log of a member, as far as it matters to a database.
#[derive(Debug)]
pub(crate) enum MemberLog {
    /// There is no file of one: the database is all that there is.
    Absent,
    /// It begins after what the database has applied: what lies between is nowhere.
    BeginsLater {
        /// The entry that it begins after.
        start: u64,
    },
    /// From the newest snapshot on that is not after what the database has applied.
    From(Box<Log<File>>),
}

/// Opens the log of the member in `data_dir` for a database that has applied all entries up to
/// `consistent_index`.
///
/// Errors: `Read` for files that cannot be opened, and what is wrong with a log that is damaged.
pub(crate) fn member_log(data_dir: &Path, consistent_index: u64) -> Result<MemberLog, etcd::Error> {
    let files = segments(&data_dir.join(WAL)).map_err(|source| etcd::Error::Read {
        what: "the names of the log's files".into(),
        source,
    })?;
    if files.is_empty() {
        return Ok(MemberLog::Absent);
    }
    let log = Log::read(Files::new(files))?;
    match log.start_before(consistent_index) {
        Some(start) => Ok(MemberLog::From(Box::new(log.starting_at(start)?))),
        None => {
            let before = |first: u64| first.saturating_sub(1);
            let start = log.first_index().map_or(log.last_index(), before);
            Ok(MemberLog::BeginsLater { start })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four callers opened a log each in its own way; a directory without a log was an empty log to two of
    /// them, and no log to the others.
    #[test]
    fn a_directory_without_a_log_has_none() {
        let dir = tempfile::tempdir().unwrap();
        for made in [false, true] {
            if made {
                std::fs::create_dir_all(dir.path().join(WAL)).unwrap();
            }
            let log = member_log(dir.path(), 7).unwrap();
            assert!(matches!(log, MemberLog::Absent), "{log:?}");
        }
        let name = "0000000000000000-0000000000000000.wal";
        std::fs::write(dir.path().join(WAL).join(name), [1; 64]).unwrap();
        assert!(member_log(dir.path(), 7).is_err());
    }
}
