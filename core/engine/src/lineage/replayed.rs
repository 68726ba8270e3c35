//! What the log of a member adds to its database.

use std::fs::File;
use std::path::Path;

use bolt::Db;
use etcd::replay::{Answer, Commitment, Servers, State, replay_on};
use etcd::wal::Log;

use crate::data_dir::{MemberLog, member_log};

/// `Some(None)` when there is no log: then the database is all that there is. `None` when it cannot be read,
/// or does not go on where the database stands.
pub(super) fn log(data_dir: &Path, consistent_index: u64) -> Option<Option<Log<File>>> {
    match member_log(data_dir, consistent_index).ok()? {
        MemberLog::Absent => Some(None),
        MemberLog::BeginsLater { .. } => None,
        MemberLog::From(log) => Some(Some(*log)),
    }
}

/// What the member holds after the log; `None` when that is not certain. `servers`: which etcd would apply it.
pub(super) fn state<'a>(
    db: &'a Db<File>,
    log: &'a Log<File>,
    servers: Servers,
) -> Option<State<'a, File, File>> {
    let replayed = replay_on(db, log, Commitment::Restart, servers).ok()?;
    let is_exact = matches!(replayed.answer, Answer::Exact(_));
    replayed.state.filter(|_| is_exact)
}
