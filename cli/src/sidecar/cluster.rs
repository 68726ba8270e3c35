use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use client::{Client, Etcd, Member, Read};
use engine::data_dir::has_log;
use server::etcd_config::{Document, Urls, member_name};
use server::{Cluster, ClusterFacts, ClusterState};
use snapstore::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::member_mark::MemberMark;
use crate::args::EtcdArgs;
use crate::etcd;

/// How long the other members are asked. etcd-wrapper gives up after a minute.
const WITHIN: Duration = Duration::from_secs(5);

/// Who belongs to the cluster, by its data directory and by what its members say.
pub(super) struct Membership {
    pub(super) data_dir: PathBuf,
    pub(super) etcd_config: PathBuf,
    pub(super) pod_name: Option<String>,
    /// How etcd is asked.
    pub(super) etcd: EtcdArgs,
    /// Where any member answers, if that is known otherwise than by etcd's configuration.
    pub(super) service: Vec<String>,
    pub(super) stop: CancellationToken,
    pub(super) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Cluster for Membership {
    async fn facts(&self) -> Result<ClusterFacts, String> {
        let alone = ClusterFacts {
            state: ClusterState::New,
            members: None,
        };
        let document = Document::read(&self.etcd_config).await;
        let document = document.map_err(|error| error.to_string())?;
        let size = document.cluster_size().map_err(|error| error.to_string())?;
        // An etcd with a log knows from it what it is, and does not look at its configuration: three members that
        // wake together must all be answered.
        if size <= 1 || has_log(&self.data_dir) {
            return Ok(alone);
        }
        let pod = self.pod_name.as_deref().unwrap_or_default();
        let told = |error: server::etcd_config::Error| error.to_string();
        let name = member_name(&document, pod).map_err(told)?;
        let urls = document.urls_of(&name, Urls::Peer).map_err(told)?;
        let etcd = self.any_member(&document).await?;
        let asked = tokio::select! {
            members = etcd.members(Read::Agreed) => members,
            () = self.clock.sleep(WITHIN) => return self.nobody_serves(alone, "no answer in time"),
        };
        match asked {
            Ok(members) => joins(&name, &urls, &members.members),
            Err(error) => self.nobody_serves(alone, &error.to_string()),
        }
    }
}

impl Membership {
    /// The cluster is made now, unless a member of it has served here already: that one would make another cluster.
    fn nobody_serves(&self, alone: ClusterFacts, why: &str) -> Result<ClusterFacts, String> {
        let Some(mark) = MemberMark::read(&self.data_dir)? else {
            tracing::info!("no member of the cluster serves, so it is made now: {why}");
            return Ok(alone);
        };
        Err(format!(
            "member {} of cluster {} has served here, its data directory is gone, and no other member answers: {why}. Start \
             the others first. If all of them are lost, run `etcdbrctl restore` for each; to make a new cluster, remove {}",
            mark.member_id,
            mark.cluster_id,
            MemberMark::path(&self.data_dir).display()
        ))
    }

    /// Whoever answers of the members.
    async fn any_member(&self, document: &Document) -> Result<Arc<Client>, String> {
        let endpoints = match self.service.as_slice() {
            [] => document.client_urls().map_err(|error| error.to_string())?,
            named => named.to_vec(),
        };
        let config = self.etcd.config_at(&endpoints)?;
        let etcd = etcd::connect(&self.stop, config).await;
        etcd.map_err(|error| error.to_string())
    }
}

/// A member without a log, where others serve: it joins them, if they know of it and it has not started yet. Pure.
fn joins(name: &str, peer_urls: &[String], members: &[Member]) -> Result<ClusterFacts, String> {
    let is_it = |member: &&Member| {
        // One that was added has no name before it starts.
        let is_named = member.name == name;
        is_named || member.peer_urls.iter().any(|url| peer_urls.contains(url))
    };
    let urls = peer_urls.join(",");
    match members.iter().find(is_it) {
        None => {
            return Err(format!(
                "the cluster serves, and {name} is no member of it: add it first (etcdctl member add {name} --learner \
                 --peer-urls={urls})"
            ));
        }
        // It has told where clients find it, so it has started: it has voted, and does not know any more for whom.
        Some(member) if !member.client_urls.is_empty() => {
            let id = member.id;
            return Err(format!(
                "the cluster serves, {name} was a member of it, and its log is gone: replace it (etcdctl member remove \
                 {id:x}, then etcdctl member add {name} --learner --peer-urls={urls})"
            ));
        }
        Some(_) => {}
    }
    let others = members.iter().filter(|member| !is_it(member));
    let mut names: Vec<String> = others.map(|member| member.name.clone()).collect();
    names.push(name.to_owned());
    Ok(ClusterFacts {
        state: ClusterState::Existing,
        members: Some(names),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, url: &str) -> Member {
        Member {
            name: name.to_owned(),
            peer_urls: vec![url.to_owned()],
            ..Member::default()
        }
    }

    /// A member that was told `new` where a cluster serves made a cluster of its own ("cluster ID mismatch").
    #[test]
    fn a_member_without_a_log_joins_those_who_know_of_it() {
        let own = ["http://a:2380".to_owned()];
        let others = [member("b", "http://b:2380"), member("c", "http://c:2380")];
        let all = [others.as_slice(), &[member("", "http://a:2380")]].concat();
        let facts = joins("a", &own, &all).unwrap();
        assert_eq!(facts.state, ClusterState::Existing);
        assert_eq!(facts.members.unwrap(), ["b", "c", "a"]);
        let refused = joins("a", &own, &others).unwrap_err();
        assert!(refused.contains("member add a"), "{refused}");
        // One that comes late to a new cluster is known by its name.
        let late = member("a", "http://a:2380");
        assert!(
            joins(
                "a",
                &own,
                &[others.as_slice(), std::slice::from_ref(&late)].concat()
            )
            .is_ok()
        );
        // One that has voted and lost its log may not vote again.
        let started = Member {
            client_urls: vec!["http://a:2379".to_owned()],
            ..late
        };
        let all = [others.as_slice(), &[started]].concat();
        let refused = joins("a", &own, &all).unwrap_err();
        assert!(refused.contains("member remove"), "{refused}");
    }
}
