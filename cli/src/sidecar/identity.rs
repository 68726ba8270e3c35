//! Who the member is that is restored: what the flags do not say stands in etcd's configuration. The reference restores
//! `default=http://localhost:2380` then, and has etcd started twice to correct it.

use clap::ArgMatches;
use engine::restore::Identity;
use server::etcd_config::{Document, Error, Urls, member_name};

use crate::args::is_default;

/// Which of the flags were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: bool,
    pub(super) cluster: bool,
    pub(super) urls: bool,
    pub(super) token: bool,
}

impl Given {
    /// Whether nothing is left for a configuration to say.
    pub(super) fn says_all(self) -> bool {
        self.name && self.cluster && self.urls
    }

    pub(super) fn of(matches: &ArgMatches) -> Self {
        let is_given = |flag| !is_default(matches, flag);
        Self {
            name: is_given("name"),
            cluster: is_given("initial_cluster"),
            urls: is_given("initial_advertise_peer_urls"),
            token: is_given("initial_cluster_token"),
        }
    }
}

/// The identity of the member of this pod. Pure.
pub(super) fn identity(
    flags: &Identity,
    given: Given,
    document: &Document,
    pod: &str,
) -> Result<Identity, Error> {
    let mut identity = flags.clone();
    if !given.name {
        identity.name = member_name(document, pod)?;
    }
    if !given.urls {
        identity.advertised = document.urls_of(&identity.name, Urls::Peer)?;
    }
    if !given.cluster {
        identity.initial_cluster = document.initial_cluster_text()?.to_owned();
    }
    if !given.token
        && let Some(token) = document.text("initial-cluster-token")?
    {
        token.clone_into(&mut identity.token);
    }
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
name: etcd-config
data-dir: /var/etcd/data/new.etcd
initial-cluster-token: etcd-cluster-7
initial-cluster: etcd-main-0=https://etcd-main-0.etcd-main-peer.ns.svc:2380
initial-advertise-peer-urls:
  etcd-main-0:
  - https://etcd-main-0.etcd-main-peer.ns.svc:2380
advertise-client-urls:
  etcd-main-0:
  - https://etcd-main-0.etcd-main-peer.ns.svc:2379
";

    fn flags() -> Identity {
        Identity {
            name: "default".to_owned(),
            initial_cluster: "default=http://localhost:2380".to_owned(),
            token: "etcd-cluster".to_owned(),
            advertised: vec!["http://localhost:2380".to_owned()],
        }
    }

    /// A restored member had the name and the addresses of nobody, and its etcd was started once more.
    #[test]
    fn what_flags_do_not_say_stands_in_the_configuration() {
        let document = Document::parse(DOCUMENT).unwrap();
        let none = Given {
            name: false,
            cluster: false,
            urls: false,
            token: false,
        };
        let found = identity(&flags(), none, &document, "etcd-main-0").unwrap();
        let url = "https://etcd-main-0.etcd-main-peer.ns.svc:2380";
        assert_eq!(found.name, "etcd-main-0");
        assert_eq!(found.initial_cluster, format!("etcd-main-0={url}"));
        assert_eq!(found.advertised, [url]);
        assert_eq!(found.token, "etcd-cluster-7");
        let all = Given {
            name: true,
            cluster: true,
            urls: true,
            token: true,
        };
        let kept = identity(&flags(), all, &document, "etcd-main-0").unwrap();
        assert_eq!(kept.name, "default");
        assert_eq!(kept.advertised, flags().advertised);
        assert!(identity(&flags(), none, &document, "etcd-main-9").is_err());
    }
}
