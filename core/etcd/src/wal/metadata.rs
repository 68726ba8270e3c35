use prost::Message;

/// Whose log this is; the same in every file of a log.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Metadata {
    /// Id of the member.
    #[prost(uint64, required, tag = "1")]
    pub node_id: u64,
    /// Id of its cluster.
    #[prost(uint64, required, tag = "2")]
    pub cluster_id: u64,
}
