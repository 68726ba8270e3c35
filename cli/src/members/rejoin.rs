//! Asks those who serve, and changes who belongs to them until this member may join.

use std::sync::Arc;
use std::time::Duration;

use client::{Endpoint, Etcd, Member, Read, Scheme, Vote};
use futures::future::join_all;
use server::Metrics;
use server::metrics::Outcome;
use snapstore::clock::Clock;

use super::plan::{Own, Plan, Seen, plan};

/// How long a member is given to answer for itself.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// A member is removed, added, and joins; one step more for a member list that is late.
const STEPS: usize = 4;

/// The place that a member has among those who serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) cluster_id: u64,
    pub(crate) id: u64,
    /// Who belongs to the cluster: names, its own last.
    pub(crate) names: Vec<String>,
    /// Whether it was added for that now; else it had been, or has been one from the beginning.
    pub(crate) is_new: bool,
    /// A revision that those who serve agree on.
    pub(crate) revision: i64,
}

/// What those who serve say of each other, and who of them answers.
///
/// Errors: those of the member list.
pub(crate) async fn look(etcd: &dyn Etcd, clock: &dyn Clock) -> Result<Seen, client::Error> {
    let told = etcd.members(Read::Agreed).await?;
    let answers = told
        .members
        .iter()
        .map(|member| answers(etcd, member, clock));
    let answering = join_all(answers).await.into_iter().flatten().collect();
    Ok(Seen {
        cluster_id: told.header.cluster_id,
        members: told.members,
        answering,
    })
}

/// Its id, if it answers as itself in time.
async fn answers(etcd: &dyn Etcd, member: &Member, clock: &dyn Clock) -> Option<u64> {
    for url in &member.client_urls {
        let Ok(endpoint) = Endpoint::parse(url, Scheme::Clear) else {
            continue;
        };
        let at: Arc<dyn Etcd> = etcd.at(&endpoint);
        let status = tokio::select! {
            status = at.status() => status.ok(),
            () = clock.sleep(ANSWERS_WITHIN) => None,
        };
        if status.is_some_and(|status| status.header.member_id == member.id) {
            return Some(member.id);
        }
    }
    None
}

/// Asks those who serve, as one member of their cluster.
pub(crate) struct Rejoining<'a> {
    pub(crate) etcd: &'a dyn Etcd,
    pub(crate) own: &'a Own,
    pub(crate) clock: &'a dyn Clock,
    /// Where what is done is counted.
    pub(crate) metrics: Option<&'a Metrics>,
}

impl Rejoining<'_> {
    /// Sees to it that this member has a place that it may start in with an empty data directory.
    ///
    /// Errors: one sentence for people, where it has none yet: why, and what to do. To be tried again.
    pub(crate) async fn rejoin(&self) -> Result<Place, String> {
        let told = |error: client::Error| error.to_string();
        let mut is_new = false;
        for _ in 0..STEPS {
            let seen = look(self.etcd, self.clock).await.map_err(told)?;
            match plan(self.own, &seen) {
                Plan::Join { id, names } => {
                    let revision = self.etcd.head(Read::Agreed).await.map_err(told)?.revision;
                    return Ok(Place {
                        cluster_id: seen.cluster_id,
                        id,
                        names,
                        is_new,
                        revision,
                    });
                }
                Plan::Add => {
                    self.add().await?;
                    is_new = true;
                }
                Plan::Remove(id) => self.remove(id).await?,
                Plan::Wait(why) | Plan::Refuse(why) => return Err(why),
            }
        }
        Err(format!(
            "{} was added to the members that serve, and they do not name it yet",
            self.own.name
        ))
    }

    async fn add(&self) -> Result<(), String> {
        let (begun, name) = (self.clock.now(), &self.own.name);
        let urls = self.own.peer_urls.clone();
        let added = self.etcd.add_member(urls, Vote::Learner).await;
        let took = self.clock.now().saturating_duration_since(begun);
        if let Some(metrics) = self.metrics {
            metrics.learner_added(outcome(&added), took);
        }
        let added =
            added.map_err(|why| format!("{name} is not added to the members that serve: {why}"))?;
        tracing::info!(
            "{name} is added to the members that serve, as learner {:x}",
            added.id
        );
        Ok(())
    }

    async fn remove(&self, id: u64) -> Result<(), String> {
        let (begun, name) = (self.clock.now(), &self.own.name);
        tracing::warn!(
            "member {id:x} ({name}) has no data directory to start on: it is removed, and added anew"
        );
        let removed = self.etcd.remove_member(id).await;
        let took = self.clock.now().saturating_duration_since(begun);
        if let Some(metrics) = self.metrics {
            metrics.member_removed(outcome(&removed), took);
        }
        removed.map_err(|why| format!("member {id:x} ({name}) is not removed: {why}"))
    }
}

/// As it is counted.
fn outcome<T, E>(result: &Result<T, E>) -> Outcome {
    match result {
        Ok(_) => Outcome::Succeeded,
        Err(_) => Outcome::Failed,
    }
}
