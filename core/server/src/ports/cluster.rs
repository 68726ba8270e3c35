use async_trait::async_trait;

/// etcd's `initial-cluster-state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterState {
    /// The cluster is bootstrapped, or the data directory says what the member is.
    New,
    /// The member joins a cluster that is there.
    Existing,
}

impl ClusterState {
    /// The word that etcd reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
        }
    }
}

/// What `/config` has to know of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterFacts {
    /// How the member starts.
    pub state: ClusterState,
    /// The names of those who are members now; `None` where there is no cluster yet, or only one member. etcd
    /// refuses an `initial-cluster` with more members than the cluster has.
    pub members: Option<Vec<String>>,
}

/// Who belongs to the cluster.
#[async_trait]
pub trait Cluster: Send + Sync + 'static {
    /// What the configuration of this member has to say of the cluster.
    ///
    /// Errors: one sentence for people, where it cannot be known; `/config` is refused then, since a member that
    /// is told `new` by mistake makes a cluster of its own.
    async fn facts(&self) -> Result<ClusterFacts, String>;
}
