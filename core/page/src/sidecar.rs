//! What a sidecar knows of its etcd and of the backups that it takes.

use std::time::Duration;

use jiff::Timestamp;

use crate::fault::Fault;
use crate::listing::Proof;
use crate::members::ClusterMember;
use crate::work::Work;

/// A sidecar.
#[derive(Debug, Clone)]
pub struct Sidecar {
    /// What it is for the cluster.
    pub role: Role,
    /// Whether its etcd answers; `None`: it was not asked yet.
    pub etcd: Option<Result<(), String>>,
    /// How far the initialization is.
    pub initialization: Initialization,
    /// What it knows of the backups.
    pub backups: Backups,
    /// Its etcd, while that answers.
    pub member: Option<Member>,
    /// The members of its cluster; `None` where nobody has told who they are.
    pub members: Option<Vec<ClusterMember>>,
    /// What it does now.
    pub work: Vec<Work>,
    /// How often a delta is stored while something is written; `None` where none is.
    pub delta_period: Option<Duration>,
}

/// What a sidecar is for the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Not known.
    Unknown,
    /// It takes the backups.
    Leader,
    /// Another one does.
    Follower {
        /// A client URL of the etcd that leads.
        leader: String,
    },
}

/// How far the initialization of the data directory is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initialization {
    /// Its state.
    pub state: Word,
    /// Since when.
    pub since: Timestamp,
    /// Why the last one failed.
    pub last_error: Option<String>,
}

/// The states of an initialization, in the words of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// None was asked for, or its end was told.
    New,
    /// One runs, or waits for its next attempt.
    Progress,
    /// It succeeded.
    Successful,
    /// It failed.
    Failed,
}

/// What is known of the backups.
#[derive(Debug, Clone, Default)]
pub struct Backups {
    /// What a restore of the newest ones leads to.
    pub restorable: Option<Restorable>,
    /// Where etcd stands.
    pub newest: Option<Newest>,
    /// The newest full.
    pub last_full: Option<Taken>,
    /// The newest delta.
    pub last_delta: Option<Taken>,
    /// Since when all of them are known to be in the store, or to have been.
    pub stored_at: Option<Timestamp>,
    /// When the next full is due.
    pub next_full: Option<Timestamp>,
    /// The newest proof of each tier.
    pub proofs: Vec<Proof>,
    /// What fails now.
    pub failing: Vec<Failing>,
}

/// A state that a restore leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restorable {
    /// Its revision.
    pub revision: i64,
    /// The last moment at which the backups held all that etcd had.
    pub until: Timestamp,
}

/// etcd's newest state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newest {
    /// Its revision.
    pub revision: i64,
    /// When etcd said so.
    pub read_at: Timestamp,
}

/// A snapshot that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its name.
    pub name: String,
    /// The last revision that it holds.
    pub revision: i64,
    /// When it was begun.
    pub at: Timestamp,
}

/// Something that fails, and is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// What: `full`, `delta` and so on.
    pub what: String,
    /// Since when, and why.
    pub fault: Fault,
}

/// An etcd, as it tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id, in hexadecimal.
    pub id: String,
    /// That of its cluster.
    pub cluster: String,
    /// Its version.
    pub version: String,
    /// It has no vote.
    pub is_learner: bool,
    /// Bytes of its database file.
    pub db_bytes: u64,
    /// Bytes of it in use.
    pub db_bytes_in_use: u64,
    /// The most that it may have, where it says so.
    pub quota: Option<u64>,
    /// Alarms, in its own words.
    pub alarms: Vec<String>,
}
