use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use etcd::membership::StoredMember;
use serde::{Serialize, Serializer};

use crate::validate::Verdict;

/// How far the log of a member goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Term of the last entry.
    pub term: u64,
    /// Index of the last entry.
    pub index: u64,
    /// Index of the last entry that the member knows to be committed. It is written down after the answer to a client.
    pub commit: u64,
}

impl Place {
    /// Which of two logs is more up to date, by the rule by which members vote (raft, 5.4.1).
    pub(super) fn order(&self, other: &Self) -> Ordering {
        (self.term, self.index).cmp(&(other.term, other.index))
    }
}

/// Where a member would stand if it went on alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The end of its log.
    #[serde(flatten)]
    pub place: Place,
    /// The revision of its database with all that the log holds.
    pub revision: i64,
}

/// What a directory is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Condition {
    /// It is whole, and can be gone on from.
    Valid(Standing),
    /// It is whole, and what its log makes of its database is not certain.
    Uncertain {
        /// How far its log goes.
        #[serde(flatten)]
        place: Place,
        /// Why.
        why: String,
    },
    /// It is damaged, or there is no member.
    Unusable {
        /// The last entry of its log, where that can be read.
        #[serde(skip_serializing_if = "Option::is_none")]
        log_reaches: Option<u64>,
        /// What is wrong.
        why: String,
    },
    /// The system does not let it be read, or a part of it lies elsewhere: what it holds is not known.
    Unread {
        /// What was found.
        why: String,
    },
    /// A process uses it.
    InUse {
        /// What was found.
        why: String,
    },
}

/// One member of a cluster, as a database names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Peer {
    /// Its name; empty for one that has never started.
    pub name: String,
    /// Its id, in hex as etcdctl shows it.
    pub member_id: String,
    /// Where the others find it.
    pub peer_urls: Vec<String>,
    /// Whether it has no vote.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_learner: bool,
}

impl From<&StoredMember> for Peer {
    fn from(member: &StoredMember) -> Self {
        Self {
            name: member.name.clone(),
            member_id: member.id.to_string(),
            peer_urls: member.peer_urls.clone().unwrap_or_default(),
            is_learner: member.is_learner,
        }
    }
}

/// A directory that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The directory. As text it may not be exact: a path is any bytes.
    #[serde(serialize_with = "shown")]
    pub data_dir: PathBuf,
    /// What it was found to be.
    pub verdict: Verdict,
    /// What it is good for.
    pub condition: Condition,
    /// The id of the member, in hex, as its log says.
    pub member_id: Option<String>,
    /// The id of its cluster, in hex, as its log says.
    pub cluster_id: Option<String>,
    /// The members of its cluster; none where they cannot be read.
    pub members: Vec<Peer>,
    /// How many of them vote; 0 where it is not known.
    pub voters: usize,
    /// What etcd would repair by itself.
    pub remarks: Vec<String>,
}

impl Candidate {
    /// The member whose directory it is, as its cluster knows it.
    pub fn itself(&self) -> Option<&Peer> {
        let is_it = |peer: &&Peer| Some(&peer.member_id) == self.member_id.as_ref();
        self.members.iter().find(is_it)
    }

    /// Whether its member has a vote. Where its cluster is not known, it may have one.
    pub(super) fn votes(&self) -> bool {
        self.members.is_empty() || self.itself().is_some_and(|peer| !peer.is_learner)
    }

    /// Whether its cluster has removed it, by its own log.
    pub(super) fn is_removed(&self) -> bool {
        !self.members.is_empty() && self.member_id.is_some() && self.itself().is_none()
    }
}

pub(super) fn shown<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}
