//! What is done and why, for an operator during an incident: the sentences of the report, whole. Those of errors stand
//! with their types.

pub(super) mod passed_over;
pub(super) mod salvage;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::decide::{Action, Refusal};
use super::loss::{Loss, Measure};
use super::old_member::OldMember;
use super::salvage::{SalvageState, Salvageable};
use crate::data_dir::{Disposition, Holds};
use crate::lineage::{Beyond, Lineage};
use crate::restore::{self, Report};
use crate::size::{bytes, counted};

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
        Action::Refuse(refusal) => format!("Nothing would be done. {}", refused(refusal)),
    }
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
        Refusal::NoContainer => {
            "Nothing is done, since it may hold the only copy: mount the volume that holds the \
             backups, or correct the container and the prefix of the store. If there never was a backup, \
             make that directory, and run this again."
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
pub(super) fn cleared(old: Option<&OldMember>, holds: Holds) -> String {
    let kept = old_member(old, holds, None);
    format!("It made room for a new etcd, since an empty start is allowed.{kept}")
}

/// What was restored, and what that lacks.
pub(super) struct Restored<'a> {
    pub(super) report: &'a Report,
    pub(super) passed_over: usize,
    pub(super) loss: Loss,
    pub(super) salvage: &'a Salvageable,
    pub(super) old: Option<&'a OldMember>,
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
        f.write_str(&old_member(self.old, self.held, report.lineage))
    }
}

/// What became of the old member; nothing where there is none.
fn old_member(old: Option<&OldMember>, holds: Holds, lineage: Option<Lineage>) -> String {
    let Some(old) = old else {
        return String::new();
    };
    let why = match (holds, lineage) {
        (_, Some(Lineage::Other(revision) | Lineage::Foreign(revision))) => {
            &format!(" since it is of another history: at revision {revision} they differ")
        }
        (_, Some(Lineage::Overwritten)) => {
            " since the backups tell of some of its last writes only that their keys were \
             written again or deleted since"
        }
        (Holds::AtLeast(_), _) => " since it is too damaged to tell whether it holds more",
        (_, Some(Lineage::Unknown)) => {
            " since nothing proves that it is of one history with the backups"
        }
        _ => "",
    };
    format!(
        " The old member is kept in {} ({}){why}; remove it when nothing in it is needed.",
        old.path,
        bytes(old.bytes)
    )
}

/// Members that earlier runs kept, which nobody but an operator removes.
pub(super) fn kept_before(kept: &[PathBuf]) -> Option<String> {
    let paths: Vec<_> = kept.iter().map(|path| path.display().to_string()).collect();
    (!kept.is_empty()).then(|| {
        format!(
            "members that earlier initializations kept are still in {}; remove those in which nothing \
             is needed",
            paths.join(", ")
        )
    })
}

/// So many revisions that follow `revision`.
fn those_after(revision: i64, count: i64) -> String {
    let (first, last) = (revision.saturating_add(1), revision.saturating_add(count));
    match count {
        1 => format!("1 revision, {first}"),
        _ => format!("{count} revisions, {first} to {last}"),
    }
}

/// What a state at `revision` lacks.
pub(super) fn lost(loss: Loss, revision: i64) -> String {
    let Loss {
        revisions, seconds, ..
    } = loss;
    let these = those_after(revision, revisions);
    match loss.measure {
        Measure::Nothing => {
            let as_of = loss
                .as_of
                .map_or_else(String::new, |as_of| format!("; it is the state of {as_of}"));
            format!("Nothing that the store or the directory held is lost{as_of}.")
        }
        Measure::NoRevision => "No revision is lost.".into(),
        Measure::Exact => {
            format!("Lost: {these}, of {seconds} s.")
        }
        Measure::AtMost => {
            format!("Lost: at most {these}, of {seconds} s.")
        }
        Measure::Unproven if revisions > 0 => format!(
            "Lost: {these}, if the member is of one history with \
             the backups, and that is not proven."
        ),
        Measure::Unproven => "By its revisions the member held nothing more, if it is of one \
                              history with the backups, and that is not proven."
            .into(),
        Measure::Unknown if revisions > 0 => format!(
            "Lost: at least {these}; the member is too damaged to tell \
             more, and the last sign of a later state (a file of the member, or an object of the store) is \
             {seconds} s after what was restored."
        ),
        Measure::Unknown => format!(
            "The member is too damaged to tell whether it held more; the last sign of a later state (a file \
             of the member, or an object of the store) is {seconds} s after what was restored."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Lost: 1 revisions, 21 to 21" was said where one was lost.
    #[test]
    fn one_lost_revision_is_one() {
        for measure in [
            Measure::Exact,
            Measure::AtMost,
            Measure::Unproven,
            Measure::Unknown,
        ] {
            let of = |revisions| Loss {
                revisions,
                seconds: 3,
                measure,
                as_of: None,
            };
            let told = lost(of(1), 20);
            assert!(told.contains("1 revision, 21"), "{told}");
            assert!(!told.contains("21 to 21"), "{told}");
            let told = lost(of(2), 20);
            assert!(told.contains("2 revisions, 21 to 22"), "{told}");
        }
    }

    /// "(1073741824 bytes)" was said of a member that an operator has to find room for.
    #[test]
    fn what_a_kept_member_takes_has_a_unit() {
        let old = OldMember {
            path: "/d/.etcdbr.old".into(),
            bytes: 1 << 30,
        };
        let told = old_member(Some(&old), Holds::Nothing, None);
        assert!(told.contains("/d/.etcdbr.old (1.00 GiB);"), "{told}");
    }

    /// "The member was last written to 90 s behind what was restored" was said of one that was written to
    /// after it; and where an object of the store was newer still, the time was not the member's at all.
    #[test]
    fn an_unknown_loss_names_no_writer_and_comes_after() {
        for revisions in [0, 7] {
            let loss = Loss {
                revisions,
                seconds: 90,
                measure: Measure::Unknown,
                as_of: None,
            };
            let told = lost(loss, 20);
            assert!(told.contains("90 s after what was restored"), "{told}");
            assert!(
                told.contains("an object of the store") && !told.contains("behind"),
                "{told}"
            );
        }
    }
}
