use super::Header;

/// The members of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Who says so.
    pub header: Header,
    /// In the order of etcd.
    pub members: Vec<Member>,
}

/// A member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: u64,
    /// Its name; empty as long as it has not started.
    pub name: String,
    /// Where its peers find it.
    pub peer_urls: Vec<String>,
    /// Where clients find it; none as long as it has not started.
    pub client_urls: Vec<String>,
    /// Whether it is a learner.
    pub learner: bool,
}
