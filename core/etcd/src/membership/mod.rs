//! The members of a cluster: their ids, and how etcd stores them.
//!
//! Ids are computed, not chosen: the same URLs and token always make the same cluster, so
//! every member can be restored on its own machine and still meet the others
//! (server/etcdserver/api/membership/member.go and cluster.go, 3.5.1).

mod id;
mod initial_cluster;
mod mistake;
mod peer_url;
mod stored;

use std::collections::BTreeMap;

pub use id::{ClusterId, MemberId};
pub use initial_cluster::InitialCluster;
pub use mistake::Mistake;
pub use peer_url::{BadUrl, PeerUrl, UrlFault};
pub use stored::StoredMember;

/// One voting member of a new cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Computed from the URLs and the cluster's token.
    pub id: MemberId,
    /// The name given in `--initial-cluster`.
    pub name: String,
    /// At least one, sorted.
    pub peer_urls: Vec<PeerUrl>,
}

/// The members a new cluster starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    id: ClusterId,
    members: Vec<Member>,
}

impl Cluster {
    /// The cluster that `--initial-cluster` and `--initial-cluster-token` describe.
    pub fn bootstrap(initial: &InitialCluster, token: &str) -> Result<Self, Mistake> {
        initial.refuse_duplicate_urls()?;
        let mut members = BTreeMap::new();
        for (name, urls) in initial.members() {
            let id = MemberId::compute(urls, token);
            if id.0 == 0 {
                return Err(Mistake::ZeroId {
                    name: name.to_owned(),
                });
            }
            let member = Member {
                id,
                name: name.to_owned(),
                peer_urls: urls.to_vec(),
            };
            if let Some(other) = members.insert(id, member) {
                return Err(Mistake::SameId {
                    id,
                    names: [other.name, name.to_owned()],
                });
            }
        }
        let members: Vec<Member> = members.into_values().collect();
        Ok(Self {
            id: ClusterId::compute(members.iter().map(|member| member.id)),
            members,
        })
    }

    /// Computed from the ids of the members.
    pub fn id(&self) -> ClusterId {
        self.id
    }

    /// The members, in ascending order of their ids.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member called `name`, which must have exactly the URLs `advertised` by
    /// `--initial-advertise-peer-urls`, in any order.
    ///
    /// etcd also accepts URLs that differ but resolve to the same addresses. Here they are
    /// compared as text: a restore must not depend on the name server of the day.
    pub fn local<S: AsRef<str>>(&self, name: &str, advertised: &[S]) -> Result<&Member, Mistake> {
        let Some(member) = self.members.iter().find(|member| member.name == name) else {
            let names = self
                .members
                .iter()
                .map(|member| member.name.clone())
                .collect();
            return Err(Mistake::NameNotInCluster {
                name: name.to_owned(),
                names,
            });
        };
        let mut urls = advertised
            .iter()
            .map(|url| PeerUrl::parse(url.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        urls.sort();
        if urls != member.peer_urls {
            return Err(Mistake::AdvertisedUrlsDiffer {
                name: name.to_owned(),
                in_cluster: member.peer_urls.clone(),
                advertised: urls,
            });
        }
        Ok(member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = "m1=http://10.0.0.1:2380,m2=http://10.0.0.2:2380,\
        m2=http://10.0.0.2:7001,m3=https://etcd-3.example.com:2380";

    fn cluster(initial: &str, token: &str) -> Result<Cluster, Mistake> {
        Cluster::bootstrap(&InitialCluster::parse(initial)?, token)
    }

    /// Ids as printed by etcdutl 3.5.1.
    #[test]
    fn ids_are_etcds() {
        let three = cluster(THREE, "etcd-cluster-1").unwrap();
        assert_eq!(three.id().to_string(), "e83d83cbd1c85d26");
        let ids: Vec<_> = three
            .members()
            .iter()
            .map(|m| (m.id.to_string(), &*m.name))
            .collect();
        let expected = [
            ("487f116dad7db0c0", "m2"),
            ("80da0964bdf82274", "m3"),
            ("8b4ce8ed1a54f7e7", "m1"),
        ];
        assert_eq!(ids, expected.map(|(id, name)| (id.to_owned(), name)));

        let one = cluster("one=http://127.0.0.1:23801", "tkn").unwrap();
        assert_eq!(one.id().to_string(), "6f177e036501e606");
        assert_eq!(one.members()[0].id.to_string(), "6c120a4f29d80e03");
    }

    /// Trap 38: an id with a leading zero is written without it, as etcdutl 3.5.1 does.
    #[test]
    fn ids_are_not_padded() {
        let cluster = cluster("a=http://127.0.0.1:1", "etcd-cluster").unwrap();
        assert_eq!(cluster.members()[0].id.to_string(), "58a88bf978398f80");
        assert_eq!(
            MemberId(0x051a_a3b3_e4d0_b639).to_string(),
            "51aa3b3e4d0b639"
        );
    }

    /// Trap 39.
    #[test]
    fn the_order_of_urls_and_members_does_not_matter() {
        let shuffled = "m3=https://etcd-3.example.com:2380,m2=http://10.0.0.2:7001,\
            m1=http://10.0.0.1:2380,m2=http://10.0.0.2:2380";
        assert_eq!(
            cluster(shuffled, "t").unwrap(),
            cluster(THREE, "t").unwrap()
        );
    }

    #[test]
    fn the_local_member_must_be_there_with_its_urls() {
        let three = cluster(THREE, "t").unwrap();
        let m2 = three
            .local("m2", &["http://10.0.0.2:7001", "http://10.0.0.2:2380"])
            .unwrap();
        assert_eq!(m2.name, "m2");
        let wrong = three.local("m2", &["http://10.0.0.2:2380"]);
        assert!(
            matches!(wrong, Err(Mistake::AdvertisedUrlsDiffer { .. })),
            "{wrong:?}"
        );
        let nobody = three.local("m4", &["http://10.0.0.4:2380"]);
        assert!(
            matches!(nobody, Err(Mistake::NameNotInCluster { .. })),
            "{nobody:?}"
        );
    }

    #[test]
    fn a_url_belongs_to_one_member() {
        for twice in ["a=http://h:1,b=http://h:1", "a=http://h:1,a=http://h:1"] {
            assert!(
                matches!(cluster(twice, "t"), Err(Mistake::DuplicateUrl { .. })),
                "{twice}"
            );
        }
    }
}
