use std::io;
use std::path::{Path, PathBuf};

use etcd::lease::LONGEST_TTL;
use etcd::membership::Mistake;

use crate::backups;
use crate::error::Error as System;
use crate::hint::Hint;
use crate::history::over_backups;

/// The result of a restore.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why nothing was restored. Then nothing was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backups cannot be read, or do not make a state.
    #[error(transparent)]
    Backups(backups::Error),
    /// The options of the restore are invalid.
    #[error(transparent)]
    Options(#[from] BadOption),
    /// The members that were named do not make a cluster.
    #[error(transparent)]
    Cluster(#[from] Mistake),
    /// The member that should have been replaced is whole, and does not lag behind what can be restored.
    #[error(
        "what can be restored ends at revision {restored}, and the data directory is whole at \
         revision {whole_at}: it was left as it is"
    )]
    NotNewer {
        /// The revision that was restored, and not published.
        restored: i64,
        /// The revision of the member.
        whole_at: i64,
    },
    /// The member that should have been replaced is whole, and of another history.
    #[error(
        "the backups are of another history than {path}: at revision {revision} they differ, so it \
         was left as it is; check the name of the container and the prefix of the store. If the \
         backups are the right ones, move the directory away", path = .path.display()
    )]
    OtherHistory {
        /// The data directory.
        path: PathBuf,
        /// The newest revision that differs.
        revision: i64,
    },
    /// The member that should have been replaced is damaged, and what is left of it of another cluster.
    #[error(
        "the backups are those of another cluster than {path}, as far as it can be read: nothing in \
         them is alike, up to revision {revision}. It was left as it is: check the name of the container \
         and the prefix of the store. If the backups are the right ones, move the directory away",
        path = .path.display()
    )]
    OtherCluster {
        /// The data directory.
        path: PathBuf,
        /// The newest revision that differs.
        revision: i64,
    },
    /// The member that should have been replaced is damaged, its cluster is another than that of the backups, and nothing
    /// that is left of it proves that they are of one history.
    #[error(
        "the backups are those of cluster {backups}, and {path} is of cluster {member}; it says of no lineage of theirs \
         that it is of that, and what can be read of it proves nothing. It was left as it is: check the name of the \
         container and the prefix of the store. If the backups are the right ones, move the directory away",
        path = .path.display()
    )]
    ClustersDiffer {
        /// The data directory.
        path: PathBuf,
        /// The id of its cluster.
        member: String,
        /// The id of theirs.
        backups: String,
    },
    /// The member that should have been replaced is whole, and nothing proves that it is of one
    /// history with the backups.
    #[error(
        "nothing proves that the backups continue from {path}, which is whole at revision {whole_at}: \
         what it wrote last is compacted away in them, or its log cannot be replayed with certainty. \
         It was left as it is. If the container and the prefix of the store are the right ones, and etcd \
         shall not start on it as it is, move it away and run this again", path = .path.display()
    )]
    UnknownHistory {
        /// The data directory.
        path: PathBuf,
        /// The revision of the member.
        whole_at: i64,
    },
    /// The member that should have been replaced checks users, and what would take its place does not.
    #[error(
        "authentication is on in {path}, and would be off in what can be restored, so that everybody \
         could read and write everything: it was left as it is. {beyond}", path = .path.display()
    )]
    AuthenticationOff {
        /// The data directory.
        path: PathBuf,
        /// What would be missing.
        beyond: String,
    },
    /// What the log of a damaged member holds is not certain to go on where the backups end.
    #[error("the log of the old member cannot be salvaged: {0}")]
    NotSalvaged(#[from] etcd::replay::Refused),
    /// What was written is not what was meant. A bug or failing hardware.
    #[error(
        "the restored database did not pass its check, so it was not published: {0}; check the \
         disk and the memory of this machine, and report this if they are sound"
    )]
    FailedCheck(String),
    /// Somebody asked to stop.
    #[error("interrupted; nothing was published and the files written so far were removed")]
    Interrupted,
}

/// An option with a value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadOption {
    /// A time to live that etcd grants to no lease.
    #[error(
        "the time to live of leases of which none is known must be at least one second, and at most the \
         {LONGEST_TTL} s that etcd grants"
    )]
    LeaseTtl,
    /// The revision is raised too far, whatever it is.
    #[error("the revision cannot be raised by as much as {by}")]
    Bump {
        /// In revisions.
        by: u64,
    },
    /// The revision is raised past the last that there can be.
    #[error("raising the revision by {by} leads beyond all revisions from {from}")]
    BumpBeyond {
        /// In revisions.
        by: u64,
        /// The revision that was restored.
        from: i64,
    },
}

over_backups!(Error);

impl Error {
    /// What the operating system refused: `action` on `path`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let of = System::io(action, path);
        move |source| of(source).into()
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Backups(error) => error.hints(),
            Self::Options(BadOption::LeaseTtl) => vec![Hint::UnknownLeaseTtl],
            Self::Options(_) => vec![Hint::BumpRevision],
            Self::Cluster(mistake) => of_cluster(mistake).into_iter().collect(),
            Self::OtherCluster { .. } | Self::ClustersDiffer { .. } => {
                vec![Hint::AllowOtherCluster]
            }
            Self::UnknownHistory { .. } => vec![Hint::EtcdVersion],
            Self::AuthenticationOff { .. } => {
                vec![Hint::SalvageUsers, Hint::AllowAuthenticationOff]
            }
            _ => Vec::new(),
        }
    }
}

fn of_cluster(mistake: &Mistake) -> Option<Hint> {
    match mistake {
        Mistake::NoMembers | Mistake::NoName { .. } | Mistake::DuplicateUrl { .. } => {
            Some(Hint::InitialCluster)
        }
        Mistake::NameNotInCluster { .. } => Some(Hint::MemberName),
        Mistake::AdvertisedUrlsDiffer { .. } => Some(Hint::AdvertisedUrls),
        _ => None,
    }
}
