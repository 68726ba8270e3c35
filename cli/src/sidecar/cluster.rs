use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use client::Client;
use engine::data_dir::has_log;
use server::etcd_config::{Document, Error, Urls, member_name};
use server::{Cluster, ClusterFacts, ClusterState, Metrics};
use snapstore::clock::Clock;
use tokio_util::sync::CancellationToken;

use crate::args::EtcdArgs;
use crate::etcd;
use crate::members::{MemberMark, Own, Place, Plan, Rejoining, look, plan};

/// How long the other members are asked. etcd-wrapper gives up after a minute.
const WITHIN: Duration = Duration::from_secs(5);

/// How long a change of members may take: etcd answers late right after another one.
const CHANGED_WITHIN: Duration = Duration::from_secs(30);

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
    pub(super) metrics: Arc<Metrics>,
}

/// A cluster that is made now, or one member alone.
const ALONE: ClusterFacts = ClusterFacts {
    state: ClusterState::New,
    members: None,
};

#[async_trait]
impl Cluster for Membership {
    async fn facts(&self) -> Result<ClusterFacts, String> {
        let document = self.document().await?;
        // An etcd with a log knows from it what it is, and does not look at its configuration: three members that
        // wake together must all be answered.
        if !is_of_several(&document)? || has_log(&self.data_dir) {
            return Ok(ALONE);
        }
        let own = self.own(&document)?;
        let etcd = self.any_member(&document).await?;
        let asked = tokio::select! {
            seen = look(&*etcd, &*self.clock) => seen,
            () = self.clock.sleep(WITHIN) => return self.nobody_serves("no answer in time").map(|()| ALONE),
        };
        let seen = match asked {
            Ok(seen) => seen,
            Err(error) => return self.nobody_serves(&error.to_string()).map(|()| ALONE),
        };
        match plan(&own, &seen) {
            Plan::Join { names, .. } => Ok(ClusterFacts {
                state: ClusterState::Existing,
                members: Some(names),
            }),
            Plan::Add | Plan::Remove(_) => Err(format!(
                "the cluster serves, and {} has no place in it that it may start in: the initialization gives it one \
                 (GET /initialization/start)",
                own.name
            )),
            Plan::Wait(why) | Plan::Refuse(why) => Err(why),
        }
    }
}

impl Membership {
    /// Whether it is the only one of its cluster, as far as etcd's configuration can be read.
    pub(super) async fn is_alone(&self) -> bool {
        let document = self.document().await;
        document.and_then(|document| is_of_several(&document)) == Ok(false)
    }

    /// Fails where the volume is that of another pod: its etcd would run as the member of that one.
    pub(super) async fn is_mounted_right(&self) -> Result<(), String> {
        if !is_of_several(&self.document().await?)? {
            return Ok(());
        }
        let mark = MemberMark::read(&self.data_dir)?;
        let other = mark.and_then(|mark| mark.pod);
        match (other, &self.pod_name) {
            (Some(other), Some(own)) if other != *own => Err(format!(
                "this is the volume of {other}, and the pod is {own}: mount each volume in its own pod. If the pod was renamed, \
                 remove {}",
                MemberMark::path(&self.data_dir).display()
            )),
            _ => Ok(()),
        }
    }

    /// A place for this member among those who serve, given up and taken anew where that is needed; `None` where it is
    /// the only one of its cluster, or nobody serves and it is to be made now.
    ///
    /// Errors: one sentence for people, where it has no place yet. To be tried again.
    pub(super) async fn take_place(&self) -> Result<Option<Place>, String> {
        let document = self.document().await?;
        if !is_of_several(&document)? {
            return Ok(None);
        }
        let own = self.own(&document)?;
        let etcd = self.any_member(&document).await?;
        let asked = tokio::select! {
            seen = look(&*etcd, &*self.clock) => seen,
            () = self.clock.sleep(WITHIN) => return self.nobody_serves("no answer in time").map(|()| None),
        };
        if let Err(error) = asked {
            return self.nobody_serves(&error.to_string()).map(|()| None);
        }
        let rejoining = Rejoining {
            etcd: &*etcd,
            own: &own,
            clock: &*self.clock,
            metrics: Some(&self.metrics),
        };
        tokio::select! {
            place = rejoining.rejoin() => place.map(Some),
            () = self.clock.sleep(CHANGED_WITHIN) => Err(format!(
                "{} gets no place among the members that serve within {CHANGED_WITHIN:?}",
                own.name
            )),
        }
    }

    /// Leaves word that the volume is that of the member in this place. The directory has made room for it, and its etcd
    /// has not started yet: one that found the word of its predecessor would be taken for one that was removed.
    pub(super) fn mark(&self, place: &Place) -> Result<(), String> {
        let mark = MemberMark::of(place.cluster_id, place.id, self.pod_name.as_deref());
        mark.write(&self.data_dir)
    }

    /// Whether those who serve have removed the member whose data directory this is: an etcd that starts on it ends at
    /// once. Not known is no: members that wake together must all start.
    pub(super) async fn is_removed(&self) -> Result<bool, String> {
        let document = self.document().await?;
        let (true, Some(mark)) = (is_of_several(&document)?, MemberMark::read(&self.data_dir)?)
        else {
            return Ok(false);
        };
        let etcd = self.any_member(&document).await?;
        let asked = tokio::select! {
            seen = look(&*etcd, &*self.clock) => seen.ok(),
            () = self.clock.sleep(WITHIN) => None,
        };
        Ok(asked.is_some_and(|seen| seen.has_removed(&mark)))
    }

    /// The name of the lease of this member, and how it listens to its peers.
    #[cfg(feature = "kubernetes")]
    pub(super) async fn for_its_lease(
        &self,
    ) -> Result<(String, kubernetes::content::Peers), String> {
        use kubernetes::content::Peers;
        let own = self.own(&self.document().await?)?;
        let is_tls = own.peer_urls.iter().any(|url| url.starts_with("https://"));
        let peers = if is_tls { Peers::Tls } else { Peers::Clear };
        Ok((own.name, peers))
    }

    /// Whoever answers of the members, by etcd's configuration.
    pub(super) async fn others(&self) -> Result<Arc<Client>, String> {
        self.any_member(&self.document().await?).await
    }

    async fn document(&self) -> Result<Document, String> {
        let document = Document::read(&self.etcd_config).await;
        document.map_err(|error| error.to_string())
    }

    fn own(&self, document: &Document) -> Result<Own, String> {
        let pod = self.pod_name.as_deref().unwrap_or_default();
        let told = |error: Error| error.to_string();
        let name = member_name(document, pod).map_err(told)?;
        Ok(Own {
            peer_urls: document.urls_of(&name, Urls::Peer).map_err(told)?,
            mark: MemberMark::read(&self.data_dir)?,
            name,
        })
    }

    /// The cluster is made now, unless a member of it has served here already: that one would make another cluster.
    fn nobody_serves(&self, why: &str) -> Result<(), String> {
        let Some(mark) = MemberMark::read(&self.data_dir)? else {
            tracing::info!("no member of the cluster serves, so it is made now: {why}");
            return Ok(());
        };
        Err(format!(
            "member {} of cluster {} has served here, its data directory is gone or damaged, and the others do not agree on \
             who belongs to them: {why}. Start the others first. If most of them are lost for good, see `etcdbrctl recover-quorum`; if all are, run \
             `etcdbrctl restore` for each; to make a new cluster, remove {}",
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

fn is_of_several(document: &Document) -> Result<bool, String> {
    let size = document.cluster_size();
    size.map(|size| size > 1).map_err(|error| error.to_string())
}
