use anyhow::{Context, Result};
use etcd::membership::{Cluster, InitialCluster};

use crate::port;

/// Who an etcd is: what its own flags say, and those of the restore that makes its directory.
#[derive(Debug, Clone)]
pub struct Member {
    name: String,
    peer_url: String,
    initial_cluster: String,
    token: String,
}

impl Member {
    /// The only member of its cluster.
    pub fn alone() -> Result<Self> {
        let [member] = Self::cluster(["default"])?;
        Ok(member)
    }

    /// The members of one cluster, on free ports of the loopback.
    pub fn cluster<const N: usize>(names: [&str; N]) -> Result<[Self; N]> {
        // One token for all of them: the ids depend on it.
        let token = format!("oracle-{:08x}", fastrand::u32(..));
        let mut members = Vec::new();
        for name in names {
            members.push(Self {
                name: name.to_owned(),
                peer_url: format!("http://127.0.0.1:{}", port::free()?),
                initial_cluster: String::new(),
                token: token.clone(),
            });
        }
        let named = |member: &Self| format!("{}={}", member.name, member.peer_url);
        let initial_cluster = members.iter().map(named).collect::<Vec<_>>().join(",");
        for member in &mut members {
            member.initial_cluster.clone_from(&initial_cluster);
        }
        members.try_into().ok().context("as many as names")
    }

    /// One that joins this one, which is the only member of its cluster and was told of it.
    pub fn joined_by(&self, name: &str) -> Result<Self> {
        let peer_url = format!("http://127.0.0.1:{}", port::free()?);
        Ok(Self {
            name: name.to_owned(),
            initial_cluster: format!("{},{name}={peer_url}", self.initial_cluster),
            peer_url,
            token: self.token.clone(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The flags that say all this, to etcd as to a restore.
    pub fn flags(&self) -> [String; 8] {
        let flag = str::to_owned;
        [
            flag("--name"),
            self.name.clone(),
            flag("--initial-cluster"),
            self.initial_cluster.clone(),
            flag("--initial-cluster-token"),
            self.token.clone(),
            flag("--initial-advertise-peer-urls"),
            self.peer_url.clone(),
        ]
    }

    /// How fast it elects a leader. Alone it waits for nobody's vote; among others, on a busy
    /// machine, haste only makes for more elections.
    pub(super) fn pace(&self) -> &[&str] {
        if self.initial_cluster.contains(',') {
            return &[];
        }
        &["--heartbeat-interval", "10", "--election-timeout", "100"]
    }

    /// Where its peers find it.
    pub fn peer_url(&self) -> &str {
        &self.peer_url
    }

    /// The ids of the cluster and of the member, which follow from all this.
    pub(super) fn ids(&self) -> Result<(u64, u64)> {
        let initial = InitialCluster::parse(&self.initial_cluster)?;
        let cluster = Cluster::bootstrap(&initial, &self.token)?;
        let member = cluster.local(&self.name, &[&self.peer_url])?;
        Ok((cluster.id().0, member.id.0))
    }
}
