use super::id::MemberId;
use super::peer_url::{BadUrl, PeerUrl};

/// What is wrong with the described cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// There is no member at all.
    #[error("the initial cluster names no member")]
    NoMembers,
    /// An element has no `name=` before its URL.
    #[error("{element:?} in the initial cluster has no name: write it as name=url")]
    NoName {
        /// The element between two commas.
        element: String,
    },
    /// A URL that etcd would not accept.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// Two members, or one twice, with the same URL.
    #[error("the initial cluster has the URL {url} twice, for {} and {}", names[0], names[1])]
    DuplicateUrl {
        /// The URL.
        url: PeerUrl,
        /// Who has it.
        names: [String; 2],
    },
    /// The member to restore is not one of the cluster.
    #[error("the member {name:?} is not in the initial cluster, which has {}", names.join(", "))]
    NameNotInCluster {
        /// The name looked for.
        name: String,
        /// The names there are.
        names: Vec<String>,
    },
    /// `--initial-advertise-peer-urls` says something else than `--initial-cluster`.
    #[error(
        "the initial cluster has {name}={}, but the peer URLs advertised are {}: make them equal",
        join(in_cluster),
        join(advertised)
    )]
    AdvertisedUrlsDiffer {
        /// The member.
        name: String,
        /// Its URLs in `--initial-cluster`.
        in_cluster: Vec<PeerUrl>,
        /// Its URLs in `--initial-advertise-peer-urls`.
        advertised: Vec<PeerUrl>,
    },
    /// Two members whose URLs hash to one id.
    #[error("members {} and {} both get the id {id}: change a URL or the cluster token", names[0], names[1])]
    SameId {
        /// The id.
        id: MemberId,
        /// Who has it.
        names: [String; 2],
    },
    /// Raft takes the id 0 for nobody.
    #[error("member {name} gets the id 0, which raft refuses: change the cluster token")]
    ZeroId {
        /// The member.
        name: String,
    },
}

fn join(urls: &[PeerUrl]) -> String {
    let urls: Vec<&str> = urls.iter().map(PeerUrl::as_str).collect();
    urls.join(",")
}
