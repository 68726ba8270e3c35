use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use etcd::data_dir::{DB, MEMBER, SNAP, WAL};
use etcd::replay::{Answer, Commitment, Reason, Servers, Unreadable, bounds, replay_on};

use super::beginning::Beginning;
use super::database::{self, Open};
use super::facts::{Facts, Guard, HeldLog, Part, Position, Structure};
use super::membership;
use super::obstacles::obstacles;
use super::raft::{self, Raft};
use super::request::{Mode, Validation};
use super::safe_guard::SafeGuard;
use super::snapshot_from_leader::{self, snapshot_from_leader};
use crate::data_dir::{Aside, Holds, in_use};
use crate::lock;

/// The first look, which needs to know nothing of backups: whose volume it is, what is there, and
/// whether a process uses it.
pub fn look_at_structure(data_dir: &Path, guard: Option<&SafeGuard>) -> Facts {
    let mut facts = Facts::unseen();
    facts.guard = guard.map_or(Guard::Unasked, SafeGuard::read);
    facts.written = written(data_dir);
    match structure(data_dir) {
        Ok(structure) => facts.structure = structure,
        Err(error) => facts.database = Part::Unreadable(error),
    }
    match in_use(data_dir) {
        Ok(in_use) => facts.in_use = in_use,
        // What is no directory was told of above.
        Err(error) if facts.database == Part::Unseen => {
            facts.database = Part::Unreadable(error.to_string());
        }
        Err(_) => {}
    }
    if let Some(aside) = Aside::without_another(data_dir) {
        facts.remarks.push(format!(
            "an initialization was killed here; the member that it had moved aside is in {}, and \
             `etcdbrctl initialize` puts it back before all else",
            aside.dir().display()
        ));
    }
    if facts.structure == Structure::Absent {
        facts.holds = Holds::Nothing;
    }
    facts
}

fn structure(data_dir: &Path) -> Result<Structure, String> {
    let exists = |name: &str| match fs::metadata(data_dir.join(name)) {
        Ok(_) => Ok(true),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(false),
            _ => Err(format!("cannot look at {name}: {error}")),
        },
    };
    if fs::metadata(data_dir).is_ok_and(|found| !found.is_dir()) {
        return Err("it is a file, not a directory".into());
    }
    if fs::symlink_metadata(data_dir.join(MEMBER)).is_err() && !exists(MEMBER)? {
        return Ok(Structure::Absent);
    }
    let is_dir = |name: &str| fs::metadata(data_dir.join(name)).is_ok_and(|found| found.is_dir());
    let mut missing = Vec::new();
    for name in [MEMBER, SNAP, WAL] {
        if !exists(name)? || !is_dir(name) {
            missing.push(name);
        }
    }
    Ok(match missing.is_empty() {
        true => Structure::Whole,
        false => Structure::Incomplete(missing),
    })
}

/// Reads what [`look_at_structure`] left open: raft snapshots, the log, the database. `newest` is the revision that
/// the backups lead to.
/// While it lasts no etcd can start on the directory: it waits for the lock on its database.
pub fn look_at_content(validation: &Validation, newest: Option<i64>, mut facts: Facts) -> Facts {
    let (data_dir, mode) = (validation.data_dir.as_path(), validation.mode);
    let lock = File::open(data_dir.join(DB)).map(lock::shared);
    match &lock {
        Ok(Ok(None)) => {
            facts.in_use = Some(data_dir.join(DB));
            return facts;
        }
        Ok(Err(error)) => {
            facts.database = Part::Unreadable(format!("cannot lock {DB}: {error}"));
            return facts;
        }
        // What cannot be opened is told below.
        Ok(Ok(Some(_))) | Err(_) => {}
    }
    let database = database::open(data_dir);
    let (open, is_empty) = (database.open, database.is_empty);
    facts.database = database.part;
    facts.members = membership::count_voters(open.as_ref(), None);
    let at = open.as_ref().map(|open| open.state.revision);
    // etcd makes the directory with a file in it (wal.go, `Create`). That the database has applied nothing
    // says nothing of the log: it lags.
    if !is_empty && facts.structure == Structure::Whole && is_bare(&data_dir.join(WAL)) {
        facts.held_log = HeldLog::NotMounted;
        facts.holds = Holds::AtLeast(at.unwrap_or(0));
        return facts;
    }
    if mode == Mode::Sanity
        && facts.structure == Structure::Whole
        && let Some(at) = at
        && newest.is_none_or(|newest| at >= newest)
    {
        facts.position = Position::AtLeast(at);
        return facts;
    }
    let raft = facts.read_raft(validation, open.as_ref(), is_empty);
    if let (Some(open), Some(log)) = (&open, &raft.read) {
        facts.place(validation, open, &raft, newest);
        let obstacles = obstacles(data_dir, validation.servers, open, log);
        facts.remarks.extend(obstacles);
    }
    if let (Some(open), Mode::Full) = (&open, mode) {
        if facts.database == Part::Fine {
            facts.database = database::check(data_dir, open);
        }
        if let Err(other) = open.db.other_meta() {
            let told = format!("{DB}: one of two meta pages cannot be used ({other})");
            facts.remarks.push(told);
        }
    }
    facts
}

impl Facts {
    /// Reads the raft snapshots and the log, and what they say of the member. `is_empty`: its database is.
    fn read_raft(&mut self, validation: &Validation, open: Option<&Open>, is_empty: bool) -> Raft {
        let data_dir = validation.data_dir.as_path();
        let beginning = open.map_or(Beginning::File, |open| open.beginning(validation.servers));
        let raft = raft::read(data_dir, beginning);
        self.members = membership::count_voters(open, raft.read.as_ref());
        let stale = membership::stale(open, raft.read.as_ref());
        self.remarks.extend(stale);
        let has_more = has_more(&data_dir.join(MEMBER)) || (is_empty && raft.has_snapshots);
        let at = open.map_or(0, |open| open.state.revision);
        self.holds = match raft.is_empty {
            // A database that the leader has sent, or what somebody has put there.
            true if has_more => Holds::AtLeast(at),
            true if is_empty => Holds::Nothing,
            // Its log may be elsewhere, and hold anything.
            true if self.structure == Structure::Incomplete(vec![WAL]) => Holds::AtLeast(at),
            _ => holds(data_dir, open, &raft),
        };
        self.held_log = held_log(&raft);
        self.cluster_id = raft.cluster_id;
        self.snapshots = raft.snapshots.clone();
        self.log = raft.log.clone();
        self.remarks.extend(raft.remarks.iter().cloned());
        let applied = open.map_or(0, |open| open.state.consistent_index);
        if let Some(recorded) = raft.only_recorded.filter(|entry| *entry > applied) {
            self.remarks.push(format!(
                "the log tells of a snapshot at entry {recorded}, which has no .snap file: an etcd up to 3.6 \
                 goes on from before it, and one from 3.7 on does not start"
            ));
        }
        raft
    }

    /// Finds out where an etcd would stand, no closer than the question needs.
    fn place(&mut self, validation: &Validation, open: &Open, raft: &Raft, newest: Option<i64>) {
        let Some(log) = &raft.read else { return };
        let decides = |answer: &Answer| match (answer, newest) {
            (Answer::Between { lower, upper, .. }, Some(newest)) => {
                *lower >= newest || *upper < newest
            }
            _ => true,
        };
        let mut answer = bounds(&open.db, log);
        if answer.as_ref().is_ok_and(|answer| !decides(answer)) {
            let replayed = replay_on(&open.db, log, Commitment::Restart, validation.servers);
            answer = replayed.map(|replayed| replayed.answer);
        }
        match answer {
            Ok(Answer::Exact(revision)) => self.position = Position::At(revision),
            Ok(Answer::Between {
                lower,
                upper,
                stopped,
            }) => {
                let is_any = validation.servers == Servers::Any;
                self.depends_on_version =
                    is_any && matches!(stopped.reason, Reason::VersionsDiffer(_));
                let why = stopped.to_string();
                self.position = Position::Between { lower, upper, why };
            }
            Ok(Answer::Unreadable(why)) => self.waits_for(&validation.data_dir, &why),
            Err(error) => self.database = database::failure(&error),
        }
    }

    /// The log does not go on where the database stands. One that came from the leader may wait to take
    /// its place.
    fn waits_for(&mut self, data_dir: &Path, why: &Unreadable) {
        let found = match why {
            Unreadable::LogBeginsLater { start, .. }
            | Unreadable::SnapshotIsNewer { start, .. } => {
                snapshot_from_leader(data_dir, *start).map(|part| (*start, part))
            }
            _ => None,
        };
        match found {
            Some((start, Part::Damaged(what))) => {
                self.log = Part::Damaged(format!("{what}; and without it, {why}"));
                self.position = Position::Received(start);
            }
            Some((start, part)) => {
                if let Part::Unreadable(_) = part {
                    self.database = part;
                }
                self.position = Position::Received(start);
                self.remarks.push(format!(
                    "a snapshot from the leader, {}, waits to become the database at the next start",
                    snapshot_from_leader::name(start)
                ));
            }
            None => {
                self.remarks.extend(older_begins(why));
                self.log = Part::Damaged(format!("{WAL}: {why}"));
            }
        }
    }
}

/// What an operator can do where only a snapshot keeps etcd from beginning.
fn older_begins(why: &Unreadable) -> Option<String> {
    match why {
        Unreadable::SnapshotIsNewer {
            consistent_index, ..
        } => Some(format!(
            "an etcd up to 3.6 would apply all that the log holds after entry {consistent_index}, if the \
             .snap files of later entries were moved out of {SNAP}"
        )),
        _ => None,
    }
}

/// The most that a member may hold. Never less than the truth.
fn holds(data_dir: &Path, open: Option<&Open>, raft: &Raft) -> Holds {
    let unwritten = |open: &Open| open.state.revision <= 1 && open.state.consistent_index == 0;
    match (open, &raft.read) {
        (Some(open), None) if raft.is_empty && unwritten(open) => Holds::Nothing,
        // What the log held is gone; nothing else is on the disk.
        (Some(open), None) if raft.is_empty => Holds::UpTo(open.state.revision),
        // What was torn off is not known, whatever is left.
        (open, Some(log)) if log.torn().is_some() => {
            Holds::AtLeast(open.map_or(0, |open| open.state.revision))
        }
        (Some(open), Some(log)) => match bounds(&open.db, log) {
            Ok(Answer::Exact(revision)) => Holds::UpTo(revision),
            Ok(Answer::Between { upper, .. }) => Holds::UpTo(upper),
            Ok(Answer::Unreadable(Unreadable::SnapshotIsNewer { .. })) => {
                match raft::most_from(data_dir, open) {
                    Some(most) => Holds::UpTo(most),
                    None => Holds::AtLeast(open.state.revision),
                }
            }
            _ => Holds::AtLeast(open.state.revision),
        },
        (Some(open), None) => Holds::AtLeast(open.state.revision),
        // A log from the first entry of a cluster, which began at revision 1. In one that was
        // restored, entries begin at 1 as well, but there a snapshot follows at once.
        (None, Some(log)) if log.start().index == 0 && log.snapshots().len() <= 1 => Holds::UpTo(
            i64::try_from(log.last_index()).map_or(i64::MAX, |last| last.saturating_add(1)),
        ),
        (None, _) => Holds::AtLeast(0),
    }
}

/// Whether a directory holds nothing but directories: what a volume that is not mounted leaves, or
/// one that was mounted in its place (`lost+found`).
fn is_bare(dir: &Path) -> bool {
    let is_file = |entry: io::Result<fs::DirEntry>| {
        let found = entry.and_then(|entry| entry.file_type());
        found.map_or(true, |found| !found.is_dir())
    };
    fs::read_dir(dir).is_ok_and(|mut entries| !entries.any(is_file))
}

/// Whether `dir`, a member without a log, holds a file with anything in it beside the database and
/// the raft snapshots, which say only who its members are. What ends in `.tmp` an etcd was making when
/// it was killed, and removes when it starts.
fn has_more(dir: &Path) -> bool {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let counts = |entry: fs::DirEntry| {
        let path = entry.path();
        let Ok(found) = fs::symlink_metadata(&path) else {
            return true;
        };
        let is_known = path
            .extension()
            .is_some_and(|suffix| suffix == "tmp" || suffix == "snap");
        match found.is_dir() {
            _ if is_known || path.ends_with(DB) => false,
            true => has_more(&path),
            false => found.len() > 0,
        }
    };
    entries.into_iter().any(counts)
}

fn held_log(raft: &Raft) -> HeldLog {
    match (&raft.read, &raft.log, &raft.snapshots) {
        _ if raft.is_empty => HeldLog::Nothing,
        (_, Part::Damaged(why) | Part::Unreadable(why), _)
        | (None, _, Part::Damaged(why) | Part::Unreadable(why)) => HeldLog::Broken(why.clone()),
        (Some(log), ..) => match log.torn() {
            Some(torn) => HeldLog::Torn(log.last_index(), torn.to_string()),
            None => HeldLog::UpTo(log.last_index()),
        },
        (None, ..) => HeldLog::Unseen,
    }
}

/// When the newest file of the member was written to.
fn written(data_dir: &Path) -> Option<SystemTime> {
    let files = |dir| fs::read_dir(data_dir.join(dir)).into_iter().flatten();
    let modified = |entry: io::Result<fs::DirEntry>| entry.ok()?.metadata().ok()?.modified().ok();
    files(SNAP).chain(files(WAL)).filter_map(modified).max()
}
