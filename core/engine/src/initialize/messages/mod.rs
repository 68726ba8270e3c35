//! What is done and why, for an operator during an incident: the sentences of the report, whole. Those of errors stand
//! with their types.

mod kept;
mod lost;
pub(super) mod passed_over;
pub(super) mod salvage;

use std::fmt;
use std::time::Duration;

use kept::{Kept, old_member};

pub(super) use kept::{Became, kept_before};
pub(super) use lost::lost;

use super::decide::{Action, Refusal};
use super::loss::Loss;
use super::salvage::{SalvageState, Salvageable};
use crate::data_dir::{Disposition, ExistingMember, Holds};
use crate::lineage::Beyond;
use crate::restore::{self, Authentication, OtherCluster, Report};
use crate::size::counted;

/// What was found, and what is done about it.
pub(super) fn found_and_done(found: &str, done: &str) -> String {
    format!("{found} {done}")
}

/// What would be done.
pub(super) fn would(action: Action, disposition: Option<Disposition>) -> String {
    let old = match disposition {
        Some(Disposition::Kept) => {
            " The member that is there would be kept inside the data directory, as .etcdbr.old (or with \
             a number after it, if there is one)."
        }
        Some(Disposition::Removed) => {
            " The member that is there would be removed if all that it holds is found in the new one, \
             else kept there; a whole one is left as it is if what it wrote last is not found."
        }
        None => "",
    };
    match action {
        Action::Leave => left().into(),
        Action::StartEmpty => first_start().into(),
        Action::Join => join().into(),
        Action::Restore => format!("The newest state would be restored from them.{old}"),
        Action::Clear => {
            format!("It would make room for a new etcd, since an empty start is allowed.{old}")
        }
        Action::MakeWay => format!("It would make room for a new etcd, {ADDED_ANEW}.{old}"),
        Action::Refuse(refusal) => would_refuse(refusal),
    }
}

/// The same as [`refused`], of what was not tried.
fn would_refuse(refusal: Refusal) -> String {
    let told = refused(refusal);
    match told.strip_prefix("Nothing is done") {
        Some(rest) => format!("Nothing would be done{rest}"),
        None => told.to_owned(),
    }
}

/// On what a restore depends that only the objects of the backups tell: what a run finds out, and a preview does
/// not. `None` where nothing stands in its place.
pub(super) fn unless(existing: ExistingMember, request: &restore::Request) -> Option<String> {
    if existing.holds == Holds::Nothing {
        return None;
    }
    let mut reasons = Vec::new();
    if existing.whole_at.is_some() {
        reasons.push("what it wrote last is not found in the backups");
    } else if request.other_cluster == OtherCluster::Refused {
        reasons.push("the backups turn out to be those of another cluster");
    }
    if request.authentication == Authentication::Kept {
        reasons.push("it checks users and what would be restored does not");
    }
    (!reasons.is_empty()).then(|| {
        format!(
            "{}: then it would be left as it is, and the run fail",
            reasons.join(", or ")
        )
    })
}

/// What would be done cannot be: why.
pub(super) fn would_fail(why: &str) -> String {
    format!("Nothing would be done: {why}.")
}

pub(super) fn left() -> &'static str {
    "It is left to etcd as it is."
}

/// Remark: an earlier run was killed after it had restored.
pub(super) fn killed_after_restore() -> &'static str {
    "an initialization was killed here after it had restored this directory; what it had moved aside \
     was removed, or kept if it may hold more"
}

/// Remark: an earlier run was killed before it had restored.
pub(super) fn killed_before_restore() -> &'static str {
    "an initialization was killed here before; the member that it had moved aside was put back first"
}

/// Another process initializes the directory.
pub(super) fn taken(who: &str) -> String {
    format!("{who} is initializing this directory right now; wait for it or stop it")
}

pub(super) fn waiting(found: &str, lock_timeout: Duration) -> String {
    format!(
        "{found} Waiting up to {} s for it to end.",
        lock_timeout.as_secs()
    )
}

/// The file that says whose volume it is could not be written.
pub(super) fn no_guard(why: &str) -> String {
    format!("{why}; without it this volume cannot be told from another's")
}

pub(super) fn first_start() -> &'static str {
    "This is a first start: nothing is created, etcd may begin with an empty store."
}

pub(super) fn join() -> &'static str {
    "Nothing is restored: the other members serve, as the state of the cluster is said to be existing, and \
     this etcd gets its state from them."
}

/// Why nothing is done, and what a human can do.
pub(super) fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::OfAnother => {
            "Nothing is done to a volume that is another's: mount the right one, or remove the \
             file safe_guard if the name has changed."
        }
        Refusal::InUse => "Nothing is done to it: stop that process first.",
        Refusal::Unreadable => {
            "Nothing is done, since it may be whole: let the user of this process read it \
             (its files should belong to the user that etcd runs as), or check the disk."
        }
        Refusal::LogElsewhere => {
            "Nothing is done: the log may be on a volume that is not mounted, or elsewhere since etcd is \
             run with --wal-dir, and would be replayed on top of what is restored here. Mount the \
             volume; a member with --wal-dir cannot be judged or restored by this command. If the log \
             is lost, move the directory member out of the data directory, and run this again."
        }
        Refusal::NoBackups => {
            "Nothing is done, since it may hold the only copy: check the name of the container \
             and the prefix of the store."
        }
        Refusal::NoStore => {
            "Nothing is done, since it may hold the only copy, and no store of backups is named: name the \
             one that has them."
        }
        Refusal::NoContainer => {
            "Nothing is done, since it may hold the only copy: mount the volume that holds the \
             backups, or correct the container and the prefix of the store. If there never was a backup, \
             make that directory, and run this again."
        }
        Refusal::BackupsMisplaced => {
            "Nothing is done: the backups that are there may be the ones that are wanted, and an etcd that begins              with an empty store would lack all of them."
        }
        Refusal::NoStateToRestore => {
            "Nothing is done: bring the missing objects back into the store, or move the data \
             directory away to begin with an empty one."
        }
        Refusal::NewestUnknown => {
            "Nothing is done: an older state might be restored as the newest."
        }
        Refusal::TwoHistories => {
            "Nothing is done without a proof that they are of one history, which is looked for in the \
             objects before anything is restored: it is whole, and may belong to the newer one. If it does, \
             move the objects of the other away; if it does not, move the data directory away, and run this \
             again."
        }
        Refusal::NewOfSeveral => {
            "Nothing is done: its cluster has other members, and there are backups. If the others \
             serve, this etcd gets its state from them. If all members are lost, run `etcdbrctl restore` \
             for each of them before any starts: else they begin with an empty store."
        }
        Refusal::OneOfSeveral => {
            "Nothing is done: a member of a cluster with others gets its state from them. Remove \
             it (etcdctl member remove), add it again (etcdctl member add), move its data \
             directory away and start it with --initial-cluster-state existing. If all members \
             are lost, run `etcdbrctl restore` for each of them."
        }
    }
}

/// More objects than the one that is named.
pub(super) fn and_others(others: usize) -> String {
    match others {
        0 => String::new(),
        others => format!(" (and {})", counted(others, "more object", "more objects")),
    }
}

/// What is there is newer than what can be restored.
pub(super) fn not_newer(worse: &restore::Error) -> String {
    format!("{worse}.")
}

/// The log was refused when the full had been read.
pub(super) fn log_refused(refused: &etcd::replay::Refused) -> String {
    format!("Its log cannot be salvaged: {refused}.")
}

/// The member made room.
pub(super) fn cleared(action: Action, old: Became<'_>, holds: Holds) -> String {
    let (why, kept) = match action {
        Action::MakeWay => (ADDED_ANEW, Kept::BesideOthers(holds)),
        _ => (
            "since an empty start is allowed",
            Kept::Compared(holds, None),
        ),
    };
    let kept = old_member(old, kept);
    format!("It made room for a new etcd, {why}.{kept}")
}

/// Why a member of several makes room.
const ADDED_ANEW: &str =
    "which the other members have added in its place: it gets its state from them";

/// What was restored, and what that lacks.
pub(super) struct Restored<'a> {
    pub(super) report: &'a Report,
    pub(super) passed_over: usize,
    pub(super) loss: Loss,
    pub(super) salvage: &'a Salvageable,
    pub(super) old: Became<'a>,
    /// By the old member.
    pub(super) held: Holds,
}

impl fmt::Display for Restored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        write!(f, "Revision {} was restored", report.revision)?;
        match self.passed_over {
            0 => {}
            count => {
                let objects = counted(count, "object", "objects");
                write!(f, " ({objects} of the store cannot be used)")?;
            }
        }
        write!(f, ". {}", lost(self.loss, report.reached))?;
        if let Some(told) = report.beyond.as_ref().and_then(Beyond::sentence) {
            write!(f, " {told}")?;
        }
        if self.salvage.state != SalvageState::Nothing {
            write!(f, " {}", self.salvage.why)?;
        }
        let kept = match report.has_whole_log() {
            true => Kept::WithItsLog(report.lineage),
            false => Kept::Compared(self.held, report.lineage),
        };
        f.write_str(&old_member(self.old, kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Nothing would be done. Nothing is done, since it may ..." was said of a dry run.
    #[test]
    fn what_would_be_refused_is_said_once() {
        for refusal in Refusal::ALL {
            let told = would(Action::Refuse(refusal), None);
            assert!(told.starts_with("Nothing would be done"), "{told}");
            assert!(!told.contains("Nothing is done"), "{told}");
        }
    }
}
