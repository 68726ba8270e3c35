//! What is done and why, for an operator who was just woken up.

use std::path::PathBuf;

use super::decide::{Action, Refusal};
use crate::data_dir::{Fate, Holds};
use crate::lineage::Kinship;

/// What would be done.
pub(super) fn would(action: Action, fate: Option<Fate>) -> String {
    let old = match fate {
        Some(Fate::Kept) => {
            " The member that is there would be kept inside the data directory, as .etcdbr.old (or with \
             a number behind it, if there is one)."
        }
        Some(Fate::Removed) => {
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
            format!("It would make room for a new etcd, as --allow-empty-start asks.{old}")
        }
        Action::Refuse(refusal) => format!("Nothing would be done. {}", refused(refusal)),
    }
}

pub(super) fn left() -> &'static str {
    "It is left to etcd as it is."
}

/// What an earlier run was killed before it could report.
pub(super) fn left_aside() -> &'static str {
    "an initialization was killed here after it had restored this directory; what it had moved aside \
     was removed, or kept if it may hold more"
}

pub(super) fn first_start() -> &'static str {
    "This is a first start: nothing is created, etcd may begin with an empty store."
}

pub(super) fn join() -> &'static str {
    "Nothing is restored: the other members serve, as --initial-cluster-state existing says, and this \
     etcd gets its state from them."
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
             and the prefix of the store; with --allow-empty-start it makes room for a new, empty \
             etcd and is kept aside."
        }
        Refusal::NoContainer => {
            "Nothing is done, since it may hold the only copy: mount the volume that holds the \
             backups, or correct --store-container and --store-prefix. If there never was a backup, \
             make that directory, and run this again."
        }
        Refusal::BackupsLeadNowhere => {
            "Nothing is done: bring the missing objects back into the store, or move the data \
             directory away to begin with an empty one."
        }
        Refusal::TwoHistories => {
            "Nothing is done without a proof that they are of one history, which is looked for in the \
             objects before anything is restored: it is whole, and may belong to the newer one. If it does, \
             move the objects of the other away; if it does not, move the data directory away, and run this \
             again."
        }
        Refusal::NewOfSeveral => {
            "Nothing is done: its cluster has other members, and there are backups. If the others \
             serve, say --initial-cluster-state existing, and this etcd gets its state from them. \
             If all members are lost, run `etcdbrctl restore` for each of them before any starts: \
             else they begin with an empty store."
        }
        Refusal::OneOfSeveral => {
            "Nothing is done: a member of a cluster with others gets its state from them. Remove \
             it (etcdctl member remove), add it again (etcdctl member add), move its data \
             directory away and start it with --initial-cluster-state existing. If all members \
             are lost, run `etcdbrctl restore` for each of them."
        }
    }
}

/// What became of the old member.
pub(super) fn old_member(
    old: Option<&super::OldMember>,
    holds: Holds,
    kinship: Option<Kinship>,
) -> String {
    match old {
        None => String::new(),
        Some(old) => {
            let why = match (holds, kinship) {
                (_, Some(Kinship::Other(revision) | Kinship::Foreign(revision))) => {
                    &format!(" since it is of another history: at revision {revision} they differ")
                }
                (_, Some(Kinship::Overwritten)) => {
                    " since the backups tell of some of its last writes only that their keys were \
                     written again or deleted since"
                }
                (Holds::AtLeast(_), _) => " since it is too damaged to tell whether it holds more",
                (_, Some(Kinship::Unknown)) => {
                    " since nothing proves that it is of one history with the backups"
                }
                _ => "",
            };
            format!(
                " The old member is kept in {} ({} bytes){why}; remove it when nothing in it is \
                 needed.",
                old.path, old.bytes
            )
        }
    }
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
