/// Who answered, and how far it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Header {
    /// The cluster. Clusters made from the same URLs and token have the same.
    pub cluster_id: u64,
    /// The member.
    pub member_id: u64,
    /// The newest revision that this member has applied, or, of a read that all members agree on, that of the
    /// cluster. Of a batch of events it may be ahead of them.
    pub revision: i64,
    /// The term of its raft.
    pub raft_term: u64,
}
