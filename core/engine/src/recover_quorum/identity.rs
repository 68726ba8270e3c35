//! Who the one member of the new cluster is.

use serde::Serialize;

use super::candidate::Candidate;
use super::error::{Error, Result};
use crate::restore::Identity;

/// What was asked for; the rest is as it was.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its name.
    pub name: Option<String>,
    /// Where other members will find it; empty for where they did.
    pub peer_urls: Vec<String>,
    /// The token of the new cluster, from which its id follows.
    pub token: Option<String>,
}

/// The one member of the new cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewMember {
    /// Its name.
    pub name: String,
    /// Where other members will find it.
    pub peer_urls: Vec<String>,
    /// The token from which the ids follow.
    pub token: String,
    /// Its id, in hex as etcdctl shows it. Another than before.
    pub member_id: String,
    /// The id of its cluster, in hex. Another than before.
    pub cluster_id: String,
}

impl NewMember {
    /// The member of `chosen`, under the name and at the URLs that it had, unless others are `wanted`.
    pub(super) fn of(chosen: &Candidate, wanted: &Wanted) -> Result<Self> {
        let (itself, of) = (chosen.itself(), || chosen.data_dir.clone());
        let old = chosen.cluster_id.clone().unwrap_or_default();
        let known = itself.map(|peer| peer.name.clone());
        let name = wanted
            .name
            .clone()
            .or(known.filter(|name| !name.is_empty()));
        let known = itself.map(|peer| peer.peer_urls.clone());
        let peer_urls = match wanted.peer_urls.is_empty() {
            true => known.unwrap_or_default(),
            false => wanted.peer_urls.clone(),
        };
        let Some(name) = name.filter(|_| !peer_urls.is_empty()) else {
            return Err(Error::Nameless { data_dir: of() });
        };
        let mut member = Self {
            name,
            peer_urls,
            // Never that of a cluster before, even where one member alone founded it.
            token: wanted
                .token
                .clone()
                .unwrap_or_else(|| format!("recovered-{old}")),
            member_id: String::new(),
            cluster_id: String::new(),
        };
        let (cluster, local) = member.identity().resolve().map_err(Error::Restore)?;
        (member.member_id, member.cluster_id) = (local.id.to_string(), cluster.id().to_string());
        match member.cluster_id == old {
            // Members of the old cluster that come back would be taken for its own.
            true => Err(Error::SameCluster { cluster_id: old }),
            false => Ok(member),
        }
    }

    pub(super) fn identity(&self) -> Identity {
        let named = |url: &String| format!("{}={url}", self.name);
        let cluster: Vec<String> = self.peer_urls.iter().map(named).collect();
        Identity {
            name: self.name.clone(),
            initial_cluster: cluster.join(","),
            token: self.token.clone(),
            advertised: self.peer_urls.clone(),
        }
    }
}
