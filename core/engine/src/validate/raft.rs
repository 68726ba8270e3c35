//! The raft snapshots and the write-ahead log of a member.

use std::fs::File;
use std::path::Path;

use etcd::data_dir::{SNAP, WAL};
use etcd::raft_snapshot::{Choice, Damage, SnapshotName, choose};
use etcd::replay::{Answer, bounds};
use etcd::wal::{Files, Log, Record, Start};

use super::beginning::Beginning;
use super::database::Open;
use super::facts::Part;
use crate::data_dir::{MemberLog, ReadSnapshot, member_log, read_snapshots, segments};

/// What was seen of them.
pub(super) struct Raft {
    pub(super) snapshots: Part,
    pub(super) log: Part,
    /// The log from the snapshot on that etcd would go on from.
    pub(super) read: Option<Log<File>>,
    /// There is no file of a log at all.
    pub(super) is_empty: bool,
    pub(super) has_snapshots: bool,
    /// Entry of the newest snapshot that the log tells of, if it is later than the one gone on from.
    pub(super) only_recorded: Option<u64>,
    /// The id of the cluster, which stands at the beginning of the log: damage later in it leaves that.
    pub(super) cluster_id: Option<u64>,
    pub(super) remarks: Vec<String>,
}

/// Reads both from end to end.
pub(super) fn read(data_dir: &Path, beginning: Beginning) -> Raft {
    let mut raft = Raft {
        snapshots: Part::Fine,
        log: Part::Fine,
        read: None,
        is_empty: false,
        has_snapshots: false,
        only_recorded: None,
        cluster_id: None,
        remarks: Vec::new(),
    };
    let snapshots = match read_snapshots(&data_dir.join(SNAP)) {
        Ok(snapshots) => snapshots,
        Err(error) => {
            raft.snapshots = Part::Unreadable(format!("{SNAP}: {error}"));
            return raft;
        }
    };
    raft.has_snapshots = !snapshots.is_empty();
    let segments = match segments(&data_dir.join(WAL)) {
        Ok(segments) => segments,
        Err(error) => {
            raft.log = Part::Unreadable(format!("{WAL}: {error}"));
            return raft;
        }
    };
    if segments.is_empty() {
        raft.is_empty = true;
        raft.log = Part::Damaged(format!("{WAL} holds no file of a log"));
        return raft;
    }
    let files = Files::new(segments);
    raft.cluster_id = cluster_id(&files);
    match Log::read(files) {
        Ok(log) => raft.assemble(snapshots, log, beginning),
        Err(error) => raft.log = failure(&error),
    }
    raft
}

/// What the first metadata of the log says. What cannot be read before that says nothing.
fn cluster_id(files: &Files<File>) -> Option<u64> {
    let records = files.records().map_while(Result::ok);
    let mut metadata = records.filter_map(|found| match found.record {
        Record::Metadata(metadata) => Some(metadata),
        _ => None,
    });
    metadata.next().map(|metadata| metadata.cluster_id)
}

impl Raft {
    fn assemble(&mut self, snapshots: Vec<ReadSnapshot>, log: Log<File>, beginning: Beginning) {
        let Choice {
            start,
            name,
            broken,
            orphans,
        } = choose(snapshots, log.counting_snapshots());
        self.remark(name, &broken, orphans);
        if let Some(torn) = log.torn() {
            let told = format!(
                "{torn}: a crash may have cut off the last write, and etcd drops what is left of it"
            );
            self.remarks.push(told);
        }
        let newest = log.counting_snapshots().last().map(Start::from);
        let start = self.begin(beginning, start, newest);
        let (commit, has_metadata) = (log.hard_state().commit, log.metadata().is_some());
        match log.starting_at(start) {
            Ok(log) if !has_metadata => {
                self.log = Part::Damaged(format!("{WAL}: the log does not say whose it is"));
                self.read = Some(log);
            }
            // Raft writes entries before the commit index that includes them, and dies when it
            // finds them the other way round.
            Ok(log) if commit > log.last_index() => {
                self.log = Part::Damaged(format!(
                    "{WAL}: the log ends with entry {}, and entries up to {commit} were \
                     committed: its end is lost",
                    log.last_index()
                ));
            }
            Ok(log) => self.read = Some(log),
            Err(error) => match broken.first() {
                Some((name, damage)) => {
                    self.snapshots = Part::Damaged(format!(
                        "{SNAP}/{name}: {damage}; and without it the log cannot be continued: \
                         {error}"
                    ));
                }
                None => self.log = failure(&error),
            },
        }
    }

    /// What is remarked of the raft snapshots, of which etcd takes that of `name`.
    fn remark(
        &mut self,
        name: Option<SnapshotName>,
        broken: &[(SnapshotName, Damage)],
        orphans: Vec<SnapshotName>,
    ) {
        let from = name.map_or_else(
            || "the beginning of the log".into(),
            |name| name.to_string(),
        );
        for (name, damage) in broken {
            let told = format!("{SNAP}/{name} is damaged ({damage}); etcd goes on from {from}");
            self.remarks.push(told);
        }
        for name in orphans {
            let told = format!("{SNAP}/{name} has no record in the log, so etcd passes over it");
            self.remarks.push(told);
        }
    }

    /// Where etcd begins with the log: at the file `start`, or at the newest snapshot that the log tells of.
    fn begin(&mut self, beginning: Beginning, start: Start, newest: Option<Start>) -> Start {
        match (beginning, newest) {
            // The record of an etcd 3.4 does not say who takes part.
            (Beginning::Record, Some(newest)) if newest.index != start.index => newest,
            (Beginning::Record, Some(_)) => start,
            (Beginning::Record, None) => Start::default(),
            (Beginning::File, newest) => {
                let newest = newest.map_or(0, |newest| newest.index);
                self.only_recorded = (newest > start.index).then_some(newest);
                start
            }
        }
    }
}

/// The highest revision that `open` would have with all entries that follow on it, where the log holds
/// them but a newer snapshot keeps etcd from beginning with them.
pub(super) fn most_from(data_dir: &Path, open: &Open) -> Option<i64> {
    let MemberLog::From(log) = member_log(data_dir, open.state.consistent_index).ok()? else {
        return None;
    };
    match bounds(&open.db, &log).ok()? {
        Answer::Exact(most) | Answer::Between { upper: most, .. } => Some(most),
        Answer::Unreadable(_) => None,
    }
}

fn failure(error: &etcd::Error) -> Part {
    match error {
        etcd::Error::Read { .. } => Part::Unreadable(format!("{WAL}: {error}")),
        _ => Part::Damaged(format!("{WAL}: {error}")),
    }
}
