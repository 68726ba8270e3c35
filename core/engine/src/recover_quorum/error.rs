use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error as System;
use crate::hint::Hint;
use crate::{backups, restore, validate};

/// The result of a recovery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a cluster was not recovered. All directories are as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A directory could not be judged.
    #[error(transparent)]
    Validate(#[from] validate::Error),
    /// The new member could not be made.
    #[error(transparent)]
    Restore(restore::Error),
    /// One directory stands for two.
    #[error("{} is given twice: name each directory once", data_dir.display())]
    GivenTwice {
        /// The second.
        data_dir: PathBuf,
    },
    /// A directory is not there.
    #[error(
        "{} is not a directory: mount it or correct its name; leave it out if it is lost",
        data_dir.display()
    )]
    NotThere {
        /// Which.
        data_dir: PathBuf,
    },
    /// A directory could not be looked at.
    #[error(
        "{why} Nothing is done, since it may be the furthest: see to it that all of it can be read, or leave it out if it \
         is lost"
    )]
    Unread {
        /// What was found.
        why: String,
    },
    /// An etcd runs on a directory.
    #[error(
        "{why} Nothing is done: stop the etcd of every member that is left, and keep it stopped"
    )]
    InUse {
        /// What was found.
        why: String,
    },
    /// Directories of two clusters.
    #[error(
        "{} is of cluster {}, and {} of cluster {}: nothing is done; leave out the one that is not meant",
        dirs[0].display(), clusters[0], dirs[1].display(), clusters[1]
    )]
    TwoClusters {
        /// The directories.
        dirs: [PathBuf; 2],
        /// Their clusters, in hex.
        clusters: [String; 2],
    },
    /// It needs nobody's vote.
    #[error(
        "{} is of a cluster of one voting member ({cluster_id}), which has its quorum: start etcd on it. If this was \
         run before, it was done",
        data_dir.display()
    )]
    Alone {
        /// The directory.
        data_dir: PathBuf,
        /// Its cluster, in hex.
        cluster_id: String,
    },
    /// The one that may be the furthest cannot be read with certainty.
    #[error(
        "{} may be the furthest, and what its log makes of its database is not certain: {why}; nothing is done, since \
         another would lose what it holds. Leave it out only if that may be lost",
        data_dir.display()
    )]
    Uncertain {
        /// The directory.
        data_dir: PathBuf,
        /// Why.
        why: String,
    },
    /// Neither is ahead for sure.
    #[error(
        "which of {} and {} is ahead cannot be said: {}; nothing is done. One of them is not what a member of this \
         cluster wrote: leave it out",
        dirs[0].display(), dirs[1].display(), contradiction(*is_of_commit)
    )]
    NoOrder {
        /// The directories.
        dirs: [PathBuf; 2],
        /// Whether one knows of committed entries that the other lacks; else they lead to different revisions.
        is_of_commit: bool,
    },
    /// There is nothing to go on from.
    #[error(
        "no directory is valid, so that no member can go on: {found} Restore a backup into a new data directory instead"
    )]
    NothingValid {
        /// What was found.
        found: String,
    },
    /// The backups hold more than any directory.
    #[error(
        "the backups in {location} (lineage {lineage}) lead to revision {revision}, and the furthest directory, {}, to \
         revision {reached}: nothing is done. Restore the backup into a new data directory, as a cluster of one member; leave \
         the store out to go on from the directory all the same",
        data_dir.display()
    )]
    BackupFurther {
        /// The store.
        location: String,
        /// Of which history.
        lineage: String,
        /// The revision of the backups.
        revision: i64,
        /// The furthest directory.
        data_dir: PathBuf,
        /// Its revision.
        reached: i64,
    },
    /// The store cannot be read.
    #[error(
        "how far the backups lead is not known, so nothing is done: {0}; leave the store out to plan without it"
    )]
    Backups(#[source] backups::Error),
    /// What the store holds leads nowhere.
    #[error(
        "how far the backups in {location} lead is not known, so nothing is done: {why}; leave the store out to plan without \
         it"
    )]
    BackupUnclear {
        /// The store.
        location: String,
        /// What is wrong.
        why: String,
    },
    /// Nothing says how the member is called and found.
    #[error(
        "{} holds neither the name nor the peer URLs of its member: it was never told, or its cluster had removed it",
        data_dir.display()
    )]
    Nameless {
        /// The directory.
        data_dir: PathBuf,
    },
    /// The new cluster would have the id of the old one.
    #[error(
        "the new cluster would have the id of the old one ({cluster_id}), and members of that which come back would be \
         taken for its own: give it another token"
    )]
    SameCluster {
        /// In hex.
        cluster_id: String,
    },
    /// Another cluster was meant.
    #[error("the directories are of cluster {found}, and {typed} was typed: nothing is done")]
    OtherCluster {
        /// What was typed, in hex.
        typed: String,
        /// What was found, in hex.
        found: String,
    },
    /// Most members agree: nothing is lost.
    #[error(
        "the quorum is not lost: {endpoint} has answered a read that most members of cluster {cluster_id} agree on \
         (revision {revision}). Nothing is done; remove the members that are gone and add new ones"
    )]
    Serves {
        /// Who answered.
        endpoint: String,
        /// Its cluster, in hex.
        cluster_id: String,
        /// The revision.
        revision: i64,
    },
    /// Somebody else was asked.
    #[error(
        "{endpoint} answers for most members of cluster {serves}, and the directories are of cluster {lost}: nothing is done. \
         Name the endpoints of the lost cluster, or none; if cluster {serves} was made of it by an earlier run, it is done"
    )]
    OtherServes {
        /// Who answered.
        endpoint: String,
        /// Its cluster, in hex.
        serves: String,
        /// That of the directories, in hex.
        lost: String,
    },
    /// An answer that does not say whether there is a quorum.
    #[error("whether the quorum is lost is not known, so nothing is done: {0}")]
    Unclear(client::Error),
    /// What was published does not pass its validation. A bug or failing hardware.
    #[error(
        "the new member did not pass its validation, and what was there before was put back: {0}; check the disk and \
         the memory of this machine, and report this if they are sound"
    )]
    FailedCheck(String),
}

fn contradiction(is_of_commit: bool) -> &'static str {
    match is_of_commit {
        true => {
            "the first ends in a later term, and the second holds committed entries that the first lacks"
        }
        false => "both logs end with the same entry, and they lead to different revisions",
    }
}

impl From<restore::Error> for Error {
    fn from(error: restore::Error) -> Self {
        Self::Restore(error)
    }
}

impl From<System> for Error {
    fn from(error: System) -> Self {
        restore::Error::from(backups::Error::from(error)).into()
    }
}

impl Error {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let of = System::io(action, path);
        move |source| of(source).into()
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Validate(error) => error.hints(),
            Self::Restore(error) => error.hints(),
            Self::Uncertain { .. } => vec![Hint::EtcdVersion],
            Self::NothingValid { .. } | Self::BackupFurther { .. } => vec![Hint::RestoreBackup],
            Self::Backups(error) => error.hints(),
            Self::Nameless { .. } => vec![Hint::NameTheMember],
            Self::OtherCluster { .. } => vec![Hint::PlanFirst],
            Self::Unclear(error) => Hint::of_etcd(error),
            _ => Vec::new(),
        }
    }
}
