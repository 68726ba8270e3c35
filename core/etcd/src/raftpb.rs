//! Raft's messages (raft/raftpb/raft.proto, 3.5).
//!
//! They are proto2 with non-nullable scalars: gogo writes every scalar, zeros too, hence
//! `required`. An absent one decodes as zero.

use prost::{Enumeration, Message};

/// What an [`Entry`] carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum EntryType {
    /// A request, or nothing: a new leader's first entry is empty.
    Normal = 0,
    /// A [`ConfChange`].
    ConfChange = 1,
    /// A joint change; etcd writes none.
    ConfChangeV2 = 2,
}

/// One entry of the raft log.
#[derive(Clone, PartialEq, Message)]
pub struct Entry {
    /// An [`EntryType`].
    #[prost(enumeration = "EntryType", required, tag = "1")]
    pub entry_type: i32,
    /// Term of the leader that wrote it.
    #[prost(uint64, required, tag = "2")]
    pub term: u64,
    /// Position in the log, from 1.
    #[prost(uint64, required, tag = "3")]
    pub index: u64,
    /// What to apply.
    #[prost(bytes = "vec", optional, tag = "4")]
    pub data: Option<Vec<u8>>,
}

/// What a node must remember across restarts.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct HardState {
    /// Latest term seen.
    #[prost(uint64, required, tag = "1")]
    pub term: u64,
    /// Who got this node's vote in that term, 0 for nobody.
    #[prost(uint64, required, tag = "2")]
    pub vote: u64,
    /// Index up to which the log is known to be committed.
    #[prost(uint64, required, tag = "3")]
    pub commit: u64,
}

/// Who takes part in decisions.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ConfState {
    /// Ids, ascending.
    #[prost(uint64, repeated, packed = "false", tag = "1")]
    pub voters: Vec<u64>,
    /// Ids, ascending.
    #[prost(uint64, repeated, packed = "false", tag = "2")]
    pub learners: Vec<u64>,
    /// Of the configuration being left, during a joint change.
    #[prost(uint64, repeated, packed = "false", tag = "3")]
    pub voters_outgoing: Vec<u64>,
    /// Learners once a joint change is over.
    #[prost(uint64, repeated, packed = "false", tag = "4")]
    pub learners_next: Vec<u64>,
    /// Whether a joint change ends by itself.
    #[prost(bool, required, tag = "5")]
    pub auto_leave: bool,
}

/// What a [`ConfChange`] does to its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum ConfChangeType {
    /// Adds a voter, or promotes a learner.
    AddNode = 0,
    /// Removes it.
    RemoveNode = 1,
    /// Changes its URLs.
    UpdateNode = 2,
    /// Adds a learner.
    AddLearnerNode = 3,
}

/// A change of membership.
#[derive(Clone, PartialEq, Message)]
pub struct ConfChange {
    /// Id of the request; 0 at bootstrap.
    #[prost(uint64, required, tag = "1")]
    pub id: u64,
    /// A [`ConfChangeType`].
    #[prost(enumeration = "ConfChangeType", required, tag = "2")]
    pub change_type: i32,
    /// The member.
    #[prost(uint64, required, tag = "3")]
    pub node_id: u64,
    /// The member's JSON, see [`crate::membership::StoredMember`].
    #[prost(bytes = "vec", optional, tag = "4")]
    pub context: Option<Vec<u8>>,
}

/// Where a snapshot stands in the log.
#[derive(Clone, PartialEq, Message)]
pub struct SnapshotMetadata {
    /// The members at `index`.
    #[prost(message, required, tag = "1")]
    pub conf_state: ConfState,
    /// Index of the last entry in the snapshot.
    #[prost(uint64, required, tag = "2")]
    pub index: u64,
    /// Its term.
    #[prost(uint64, required, tag = "3")]
    pub term: u64,
}

/// A snapshot of the state machine.
#[derive(Clone, PartialEq, Message)]
pub struct Snapshot {
    /// etcd's v2 store as JSON.
    #[prost(bytes = "vec", optional, tag = "1")]
    pub data: Option<Vec<u8>>,
    /// What it replaces.
    #[prost(message, required, tag = "2")]
    pub metadata: SnapshotMetadata,
}
