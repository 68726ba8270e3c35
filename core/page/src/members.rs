//! The members of a cluster, as they tell of themselves.

use jiff::Timestamp;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterMember {
    /// Its name, or its id as long as it has not started.
    pub name: String,
    /// What it is for the others, as far as the etcd beside the sidecar knows.
    pub standing: Standing,
    /// What it says of itself.
    pub said: Said,
}

/// What a member is for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It leads.
    Leader,
    /// It votes.
    Follower,
    /// It has no vote yet.
    Learner,
    /// That is not known.
    Unknown,
}

/// What a member says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// This.
    Stands {
        /// Its newest revision.
        revision: i64,
        /// Bytes of its database file.
        db_bytes: u64,
        /// When it said so.
        at: Timestamp,
    },
    /// Nothing.
    Nothing {
        /// Since when it was asked in vain.
        since: Timestamp,
        /// Why.
        why: String,
    },
}
