//! Peer URLs that were changed in etcd's configuration: etcd does not read them again, so the cluster is told, and etcd-wrapper is
//! asked to end its etcd, which is started again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use client::{Etcd, Member, Read};
use server::etcd_config::{Document, Urls, member_name};
use server::{EtcdHealth, stop_etcd};
use snapstore::clock::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What becomes of the member.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    /// Nothing: the cluster knows them.
    None,
    /// Nothing yet. etcd 3.4 and 3.5 up to 3.5.20 make a voter of a learner that is updated (its issue 21694).
    Learner,
    /// The member of this id gets these.
    Update(u64, Vec<String>),
}

/// What is to be changed. Pure.
fn change(own: u64, members: &[Member], wanted: &[String]) -> Change {
    let Some(member) = members.iter().find(|member| member.id == own) else {
        return Change::None;
    };
    let sorted = |urls: &[String]| {
        let mut urls = urls.to_vec();
        urls.sort();
        urls
    };
    match (sorted(&member.peer_urls) == sorted(wanted), member.learner) {
        (true, _) => Change::None,
        (false, true) => Change::Learner,
        (false, false) => Change::Update(own, wanted.to_vec()),
    }
}

/// Looks once after etcd has begun to answer, and again until it is done.
pub(super) struct PeerUrls {
    pub(super) etcd: Arc<dyn Etcd>,
    pub(super) config: PathBuf,
    pub(super) pod_name: Option<String>,
    /// Where etcd is; `None`: no etcd-wrapper runs it.
    pub(super) wrapper: Option<String>,
    /// What the wrapper's certificate is signed by.
    pub(super) ca: Option<PathBuf>,
    pub(super) health: watch::Receiver<EtcdHealth>,
    pub(super) clock: Arc<dyn Clock>,
}

/// How often what failed is tried again.
const AGAIN: Duration = Duration::from_secs(30);

impl PeerUrls {
    /// Until `stop`: each time that etcd begins to answer.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let forever = async {
            loop {
                let answers = self
                    .health
                    .wait_for(|health| *health == EtcdHealth::Answers);
                if answers.await.is_err() {
                    return;
                }
                self.until_done().await;
                let silent = self
                    .health
                    .wait_for(|health| *health != EtcdHealth::Answers);
                if silent.await.is_err() {
                    return;
                }
            }
        };
        stop.run_until_cancelled(forever).await;
    }

    async fn until_done(&self) {
        // etcd may be configured otherwise.
        if !self.config.exists() {
            return;
        }
        while let Err(why) = self.once().await {
            tracing::warn!(
                "the peer URLs of this member are not known to be right: {why}; trying again"
            );
            self.clock.sleep(AGAIN).await;
        }
    }

    async fn once(&self) -> Result<(), String> {
        let document = Document::read(&self.config).await;
        let document = document.map_err(|error| error.to_string())?;
        let pod = self.pod_name.as_deref().unwrap_or_default();
        let is_changed = update(&*self.etcd, &document, pod).await?;
        if let Some(etcd) = self.wrapper.as_deref().filter(|_| is_changed) {
            // etcd serves, and its next start will do.
            if let Err(why) = stop_etcd(etcd, self.ca.as_deref()).await {
                tracing::warn!("etcd is not started anew with its new peer URLs: {why}");
            }
        }
        Ok(())
    }
}

/// Tells the cluster what etcd's configuration says, where they differ. Whether they did.
///
/// Errors: one sentence for people; it is tried again.
async fn update(etcd: &dyn Etcd, document: &Document, pod: &str) -> Result<bool, String> {
    let told = |error: server::etcd_config::Error| error.to_string();
    let name = member_name(document, pod).map_err(told)?;
    let wanted = document.urls_of(&name, Urls::Peer).map_err(told)?;
    let said = |error: client::Error| error.to_string();
    let own = etcd.status().await.map_err(said)?.header.member_id;
    let members = etcd.members(Read::Agreed).await.map_err(said)?;
    match change(own, &members.members, &wanted) {
        Change::None => Ok(false),
        Change::Learner => {
            Err("the peer URLs of a learner are changed when it has a vote".to_owned())
        }
        Change::Update(id, urls) => {
            let joined = urls.join(", ");
            etcd.update_member(id, urls).await.map_err(said)?;
            tracing::info!("the cluster knows now that peers find this member at {joined}");
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_voter_whose_urls_differ_is_updated() {
        let member = |id, urls: &[&str], learner| Member {
            id,
            peer_urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            learner,
            ..Member::default()
        };
        let wanted = ["http://a:2380".to_owned(), "http://b:2380".to_owned()];
        let same = member(1, &["http://b:2380", "http://a:2380"], false);
        let old = member(1, &["http://old:2380"], false);
        let learner = member(1, &["http://old:2380"], true);
        for (member, expected) in [
            (same, Change::None),
            (old.clone(), Change::Update(1, wanted.to_vec())),
            (learner, Change::Learner),
        ] {
            assert_eq!(change(1, &[member], &wanted), expected);
        }
        assert_eq!(change(2, &[old], &wanted), Change::None);
    }
}
