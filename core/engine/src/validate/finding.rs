use std::path::PathBuf;

use super::facts::{Facts, Guard, HeldLog, Part, Position, Structure};
use super::verdict::Verdict;

/// What the facts amount to: the first thing that is wrong, in the order in which it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Whole, and up to date with the backups.
    Valid,
    /// Whole, and it cannot be said whether it lags behind them.
    Undecided {
        /// At least here.
        lower: i64,
        /// At most here.
        upper: i64,
        /// What the backups lead to.
        newest: i64,
        /// Why it is not known better.
        why: String,
    },
    /// The volume belongs to another.
    OfAnother(String),
    /// A process holds the lock on this file.
    InUse(PathBuf),
    /// No member.
    Absent,
    /// These directories are missing.
    Incomplete(Vec<&'static str>),
    /// The directory of the log is empty beside a database.
    LogNotMounted,
    /// The system does not let something be read.
    Unreadable(String),
    /// Log or raft snapshots are damaged.
    Log(String),
    /// The database is damaged.
    Database(String),
    /// Whole, and older than the backups.
    Behind {
        /// At most here.
        upper: i64,
        /// What the backups lead to.
        newest: i64,
    },
}

impl Finding {
    /// Its name in the reference.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Valid => Verdict::DataDirectoryValid,
            Self::OfAnother(_) => Verdict::WrongVolumeMounted,
            Self::InUse(_) => Verdict::FailToOpenBoltDBError,
            Self::Absent => Verdict::DataDirectoryNotExist,
            Self::Incomplete(_) | Self::LogNotMounted => Verdict::DataDirectoryInvalidStructure,
            Self::Unreadable(_) | Self::Undecided { .. } => Verdict::DataDirectoryStatusUnknown,
            Self::Log(_) => Verdict::DataDirectoryCorrupt,
            Self::Database(_) => Verdict::BoltDBCorrupt,
            Self::Behind { .. } => Verdict::RevisionConsistencyError,
        }
    }

    /// Whether it stands whatever else a closer look would show, and whatever the backups are.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::OfAnother(_) | Self::InUse(_) | Self::Unreadable(_)
        )
    }
}

/// What the facts amount to, beside backups that lead to revision `newest`.
///
/// Whose volume it is comes first, since nothing may be done to another's. Only then what is
/// damaged; and a revision is worth comparing only when nothing is.
pub fn judge(facts: &Facts, newest: Option<i64>) -> Finding {
    match &facts.guard {
        Guard::Of(other) => return Finding::OfAnother(other.clone()),
        Guard::Unreadable(why) => return Finding::Unreadable(why.clone()),
        Guard::Unasked | Guard::Unset | Guard::Ours => {}
    }
    if let Some(file) = &facts.in_use {
        return Finding::InUse(file.clone());
    }
    match &facts.structure {
        Structure::Absent => return Finding::Absent,
        Structure::Incomplete(missing) => return Finding::Incomplete(missing.clone()),
        Structure::Whole => {}
    }
    if facts.held_log == HeldLog::NotMounted {
        return Finding::LogNotMounted;
    }
    let parts = [&facts.snapshots, &facts.log, &facts.database];
    for part in parts {
        if let Part::Unreadable(why) = part {
            return Finding::Unreadable(why.clone());
        }
    }
    for part in [&facts.snapshots, &facts.log] {
        if let Part::Damaged(what) = part {
            return Finding::Log(what.clone());
        }
    }
    if let Part::Damaged(what) = &facts.database {
        return Finding::Database(what.clone());
    }
    match newest {
        // A member of several that lags catches up with its leader.
        Some(newest) if facts.members <= 1 => compare(&facts.position, newest),
        _ => Finding::Valid,
    }
}

fn compare(position: &Position, newest: i64) -> Finding {
    match position {
        Position::At(at) if *at < newest => Finding::Behind { upper: *at, newest },
        Position::Between { upper, .. } if *upper < newest => Finding::Behind {
            upper: *upper,
            newest,
        },
        Position::Between { lower, upper, why } if *lower < newest => Finding::Undecided {
            lower: *lower,
            upper: *upper,
            newest,
            why: why.clone(),
        },
        Position::AtLeast(at) if *at < newest => Finding::Undecided {
            lower: *at,
            upper: i64::MAX,
            newest,
            why: "the log was not read".into(),
        },
        Position::Unknown => Finding::Undecided {
            lower: 0,
            upper: i64::MAX,
            newest,
            why: "nobody looked where it stands".into(),
        },
        Position::Received(index) => Finding::Undecided {
            lower: 0,
            upper: i64::MAX,
            newest,
            why: format!("its database will be that of the leader's snapshot at entry {index}"),
        },
        _ => Finding::Valid,
    }
}
