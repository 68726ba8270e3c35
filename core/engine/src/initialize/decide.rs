use etcd::data_dir::WAL;

use crate::data_dir::Holds;
use crate::hint::Hint;
use crate::validate::{Backups, Finding, Histories};

/// What to do about a data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Leave it to etcd as it is.
    Leave,
    /// There is nothing to keep and nothing to restore: leave it to a new etcd.
    StartEmpty,
    /// There is nothing to keep, and the other members of its cluster know more than any backup:
    /// leave it to a new etcd, which gets its state from them.
    Join,
    /// Restore the newest state in its place.
    Restore,
    /// Make room for a new etcd, since that was asked for.
    Clear,
    /// Make room for a new etcd: the other members serve, and have taken this one in anew.
    MakeWay,
    /// Touch nothing, and say why.
    Refuse(Refusal),
}

/// Why nothing may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The volume belongs to another.
    OfAnother,
    /// A process uses the directory.
    InUse,
    /// What the directory holds cannot be read.
    Unreadable,
    /// The database is there and the directory of the log is not, or is empty: an etcd with
    /// `--wal-dir`, or a volume that is not mounted, has it elsewhere. It would come back over
    /// whatever is restored here.
    LogElsewhere,
    /// It is damaged, and the store holds no backup.
    NoBackups,
    /// It is damaged, and no store is named.
    NoStore,
    /// It is damaged, and the directory that should hold the backups is not there.
    NoContainer,
    /// The place that was named is the directory `v2` of the backups itself.
    BackupsMisplaced,
    /// The backups lead to no state.
    NoStateToRestore,
    /// It is not known which state of the backups is the newest.
    NewestUnknown,
    /// It is whole, and the store holds two histories: the one that leads further may be the one
    /// that was left by a restore to an older state.
    TwoHistories,
    /// Its cluster has other members, which know more than the backups.
    OneOfSeveral,
    /// There is no member, its cluster has others, and nobody said whether they serve: if they do,
    /// a restored one beside them does harm; if they do not, an empty one does.
    NewOfSeveral,
}

impl Refusal {
    /// All of them.
    #[cfg(test)]
    pub(super) const ALL: [Self; 13] = [
        Self::OfAnother,
        Self::InUse,
        Self::Unreadable,
        Self::LogElsewhere,
        Self::NoBackups,
        Self::NoStore,
        Self::NoContainer,
        Self::BackupsMisplaced,
        Self::NoStateToRestore,
        Self::NewestUnknown,
        Self::TwoHistories,
        Self::OneOfSeveral,
        Self::NewOfSeveral,
    ];

    /// What can be done about it.
    pub fn hints(self) -> Vec<Hint> {
        match self {
            Self::NoBackups | Self::NoStore => vec![Hint::AllowEmptyStart],
            Self::NewOfSeveral => vec![Hint::OthersServe],
            Self::NewestUnknown => vec![Hint::MendMetadata(None)],
            _ => Vec::new(),
        }
    }
}

/// Whether a damaged directory without any backup may make room for a new etcd.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EmptyStart {
    /// No: a wrong bucket or prefix looks just the same.
    #[default]
    Refused,
    /// Yes.
    Allowed,
}

/// What is known of the other members of a cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClusterState {
    /// Nothing.
    #[default]
    Unspecified,
    /// They serve, and the member was added to them.
    Existing,
    /// They serve, and have added the member anew in place of the one that was here: what it left is no member's any
    /// more.
    Replaced {
        /// The revision that they have agreed on since.
        revision: i64,
    },
}

/// How many members the cluster has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cluster {
    /// This one.
    Alone,
    /// More. A member that comes back with an older state has forgotten what it voted for, and
    /// restoring one alone makes a second cluster: both lose writes.
    OneOfSeveral,
    /// More, and they serve.
    Serving,
    /// More, they serve, and have added this one anew in place of what was here.
    ServingAnew,
}

/// What to do about a directory that was found to be so.
pub fn decide(
    finding: &Finding,
    holds: Holds,
    backups: &Backups,
    cluster: Cluster,
    empty_start: EmptyStart,
) -> Action {
    match finding {
        // On doubt the directory stays: its log holds all that was acknowledged, so it is most
        // likely ahead, and etcd itself will say where it stands.
        // An etcd that starts on it is told that it was removed, and ends.
        Finding::Valid | Finding::Undecided { .. } if cluster == Cluster::ServingAnew => {
            return Action::MakeWay;
        }
        Finding::Valid | Finding::Undecided { .. } => return Action::Leave,
        Finding::OfAnother(_) => return Action::Refuse(Refusal::OfAnother),
        Finding::InUse(_) => return Action::Refuse(Refusal::InUse),
        Finding::Unreadable(_) => return Action::Refuse(Refusal::Unreadable),
        Finding::Absent
        | Finding::Incomplete(_)
        | Finding::LogNotMounted
        | Finding::Log(_)
        | Finding::Database(_)
        | Finding::Behind { .. } => {}
    }
    // What such a member holds stands in a log that is not here.
    let is_elsewhere = match finding {
        Finding::LogNotMounted => true,
        Finding::Incomplete(missing) => missing[..] == [WAL],
        _ => false,
    };
    if is_elsewhere && holds != Holds::Nothing {
        return Action::Refuse(Refusal::LogElsewhere);
    }
    match (backups, cluster) {
        (_, Cluster::ServingAnew) if holds == Holds::Nothing => Action::Join,
        (_, Cluster::ServingAnew) => Action::MakeWay,
        // An etcd that begins with nothing beside them would be the loss of all of them.
        (Backups::Misplaced, Cluster::Alone) => Action::Refuse(Refusal::BackupsMisplaced),
        (none, _) if none.is_none() && holds == Holds::Nothing => Action::StartEmpty,
        (_, Cluster::Serving) if holds == Holds::Nothing => Action::Join,
        (_, Cluster::OneOfSeveral) if holds == Holds::Nothing => {
            Action::Refuse(Refusal::NewOfSeveral)
        }
        (_, Cluster::OneOfSeveral | Cluster::Serving) => Action::Refuse(Refusal::OneOfSeveral),
        (Backups::Lead(reach), Cluster::Alone) => match (finding, reach.histories) {
            (Finding::Behind { .. }, Histories::Two) => Action::Refuse(Refusal::TwoHistories),
            _ => Action::Restore,
        },
        (Backups::Nowhere(_), Cluster::Alone) => Action::Refuse(Refusal::NoStateToRestore),
        (Backups::Unclear { .. }, Cluster::Alone) => Action::Refuse(Refusal::NewestUnknown),
        // Whoever allowed an empty start spoke of a store without backups, not of one without a place.
        (Backups::Missing, Cluster::Alone) => Action::Refuse(Refusal::NoContainer),
        (Backups::Unset | Backups::Empty, Cluster::Alone) => match (empty_start, backups) {
            (EmptyStart::Allowed, _) => Action::Clear,
            (EmptyStart::Refused, Backups::Unset) => Action::Refuse(Refusal::NoStore),
            (EmptyStart::Refused, _) => Action::Refuse(Refusal::NoBackups),
        },
    }
}
