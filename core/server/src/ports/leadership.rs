use serde::Serialize;

/// What this sidecar is for the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Role {
    /// Not known: etcd does not answer, or elects a leader.
    Unknown,
    /// The etcd beside it leads: this sidecar takes the backups.
    Leader,
    /// Another etcd leads.
    Follower {
        /// A client URL of the etcd that leads, as its member tells it (`https://etcd-main-0.etcd-main-peer.ns.svc:2379`).
        leader: String,
    },
}

/// Whether the etcd beside this sidecar answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EtcdHealth {
    /// It was not asked yet.
    Unknown,
    /// It answered the last time it was asked.
    Answers,
    /// It did not.
    Silent {
        /// Why, in words for people.
        why: String,
    },
}
