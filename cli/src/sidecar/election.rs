use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::{Etcd, Header, Member, Read, Status};
use engine::Hint;
use server::{EtcdHealth, Metrics, Role, metrics};
use snapstore::clock::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::cluster::Membership;
use super::heard::Heard;
use super::leading::{Leading, Term};
use super::member_view::member_view;
use super::promoting::Learner;
use super::role::{Standing, standing};
use super::settling::{Asked, Ending};
use crate::hints;
use crate::members::MemberMark;

/// Whoever leads is asked at least this often: a leader that is cut off knows it after about two seconds, and must not
/// upload anything after five.
const WHILE_LEADING: Duration = Duration::from_secs(1);

/// An etcd that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Serving {
    /// The id of its member.
    pub(super) member: u64,
    /// That of its cluster.
    pub(super) cluster: u64,
}

/// How long what is held may take to be stored when the sidecar is stopped: longer than `--stop-timeout` is by default, and shorter
/// than Kubernetes waits.
const STORED_WITHIN: Duration = Duration::from_secs(24);

/// And has so long to answer.
const ANSWER_WHILE_LEADING: Duration = Duration::from_secs(2);

/// Asks the etcd beside this sidecar what it is, for as long as the sidecar runs; while it leads, backups are taken.
pub(super) struct Election {
    /// The etcd beside this sidecar, and no other.
    pub(super) own: Arc<dyn Etcd>,
    pub(super) every: Duration,
    pub(super) within: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) role: watch::Sender<Role>,
    pub(super) health: watch::Sender<EtcdHealth>,
    /// The etcd, while it has no vote.
    pub(super) learner: watch::Sender<Option<Learner>>,
    /// It, while it answers.
    pub(super) serving: watch::Sender<Option<Serving>>,
    /// It, as the status page shows it, while it answers.
    pub(super) member: watch::Sender<Option<page::Member>>,
    pub(super) heard: Arc<Heard>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) membership: Arc<Membership>,
    pub(super) data_dir: PathBuf,
    /// The pod that it runs in.
    pub(super) pod_name: Option<String>,
    /// What was left beside the data directory.
    pub(super) marked: Mutex<Option<MemberMark>>,
}

impl Election {
    /// Until `stop`. `leading`: what is done while it leads; `None` where no store is named. `asked`: that nothing be stored for
    /// a moment.
    pub(super) async fn run(
        self,
        leading: Option<Leading>,
        mut asked: Asked,
        stop: CancellationToken,
    ) {
        let (mut term, mut ending) = (None, Ending::default());
        while !stop.is_cancelled() {
            let leads = term.is_some();
            let (every, within) = match leads {
                true => (
                    self.every.min(WHILE_LEADING),
                    self.within.min(ANSWER_WHILE_LEADING),
                ),
                false => (self.every, self.within),
            };
            let answered = stop.run_until_cancelled(self.ask(within)).await;
            let Some(status) = answered else { break };
            match (standing(status.as_ref()), &leading) {
                (Standing::Leads, leading) => {
                    if let Some(leading) = leading
                        && term.is_none()
                        && ending.is_over()
                    {
                        self.members(within).await;
                        term = Some(leading.begin());
                    }
                    self.is(Role::Leader);
                }
                (other, _) => {
                    if let Some(ended) = term.take() {
                        tracing::info!(
                            "this member does not lead any more: no backups are taken here"
                        );
                        if let Standing::Follows(_) = other {
                            ended.drop_all().await;
                            self.heard.is_left();
                        } else {
                            ending = self.end(ended).await;
                        }
                    }
                    let role = self.other_role(other, within).await;
                    self.is(role);
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.clock.sleep(every) => {}
                done = asked.next() => {
                    if let Some(ended) = term.take() {
                        ending = self.end(ended).await;
                    }
                    ending.tell(done);
                }
            }
        }
        if let Some(term) = term {
            term.finish(&*self.clock, STORED_WITHIN).await;
        }
        ending.over().await;
    }

    /// Nothing more is read. What is held is stored by the one that leads next: what this one may still write would be in
    /// its way. Of a member that is alone nobody else has it, and its etcd may not come back with it.
    async fn end(&self, term: Term) -> Ending {
        if !self.membership.is_alone().await {
            term.drop_all().await;
            return Ending::default();
        }
        let (over, clock) = (CancellationToken::new(), self.clock.clone());
        let ending = Ending::at(over.clone());
        tokio::spawn(async move {
            term.finish(&*clock, STORED_WITHIN).await;
            over.cancel();
        });
        ending
    }

    /// What the etcd says of itself, if it says anything in time.
    async fn ask(&self, within: Duration) -> Option<Status> {
        let answer = tokio::select! {
            answer = self.own.status() => answer,
            () = self.clock.sleep(within) => {
                self.health(EtcdHealth::Silent { why: format!("no answer within {within:?}") });
                return None;
            }
        };
        match answer {
            Ok(status) => {
                self.health(EtcdHealth::Answers);
                self.serves(Some(Serving {
                    member: status.header.member_id,
                    cluster: status.header.cluster_id,
                }));
                self.heard.etcd_is_at(status.header.revision);
                self.mark(&status.header);
                self.metrics.member(match status.learner {
                    true => metrics::Member::Learner,
                    false => metrics::Member::Voter,
                });
                self.learns(&status);
                self.member.send_replace(Some(member_view(&status)));
                Some(status)
            }
            Err(error) => {
                let why = hints::after(&error.to_string(), &Hint::of_etcd(&error));
                self.health(EtcdHealth::Silent { why });
                None
            }
        }
    }

    fn learns(&self, status: &Status) {
        let learner = status.learner.then(|| Learner {
            id: status.header.member_id,
            version: status.version.clone(),
        });
        self.learner.send_if_modified(|known| {
            let is_new = *known != learner;
            known.clone_from(&learner);
            is_new
        });
    }

    /// Leaves word beside the data directory that this member has served.
    fn mark(&self, header: &Header) {
        let mark = MemberMark::of(
            header.cluster_id,
            header.member_id,
            self.pod_name.as_deref(),
        );
        let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
        if marked.as_ref() == Some(&mark) {
            return;
        }
        match mark.write(&self.data_dir) {
            Ok(()) => *marked = Some(mark),
            Err(error) => tracing::debug!("no mark of the member is left: {error}"),
        }
    }

    async fn other_role(&self, standing: Standing, within: Duration) -> Role {
        let Standing::Follows(id) = standing else {
            return Role::Unknown;
        };
        let members = self.members(within).await;
        let leader = members.into_iter().find(|member| member.id == id);
        let url = leader.and_then(|leader| leader.client_urls.into_iter().next());
        url.map_or(Role::Unknown, |leader| Role::Follower { leader })
    }

    /// Those that this etcd knows of; none where it does not say so in time.
    async fn members(&self, within: Duration) -> Vec<Member> {
        let members = tokio::select! {
            members = self.own.members(Read::Local) => members.ok(),
            () = self.clock.sleep(within) => None,
        };
        let members = members.map(|told| told.members).unwrap_or_default();
        if !members.is_empty() {
            self.metrics.cluster_size(members.len());
        }
        members
    }

    fn is(&self, role: Role) {
        self.role.send_if_modified(|known| {
            let is_new = *known != role;
            if is_new {
                match &role {
                    Role::Leader => tracing::info!("this member leads"),
                    Role::Follower { leader } => tracing::info!("the member at {leader} leads"),
                    Role::Unknown => tracing::info!("it is not known which member leads"),
                }
                *known = role;
            }
            is_new
        });
    }

    fn serves(&self, serving: Option<Serving>) {
        self.serving.send_if_modified(|known| {
            let is_new = *known != serving;
            *known = serving;
            is_new
        });
    }

    fn health(&self, health: EtcdHealth) {
        if let EtcdHealth::Silent { .. } = health {
            self.serves(None);
            self.member.send_replace(None);
        }
        self.heard.etcd_answers(match &health {
            EtcdHealth::Silent { why } => Err(why),
            EtcdHealth::Answers | EtcdHealth::Unknown => Ok(()),
        });
        self.health.send_if_modified(|known| {
            let is_new = *known != health;
            match (&health, &*known) {
                (EtcdHealth::Silent { why }, EtcdHealth::Answers | EtcdHealth::Unknown) => {
                    tracing::warn!("etcd does not say what it is, and no backups are taken: {why}; asking again");
                }
                (EtcdHealth::Silent { why }, EtcdHealth::Silent { .. }) if is_new => {
                    tracing::warn!("etcd does not say what it is: {why}");
                }
                (EtcdHealth::Answers, EtcdHealth::Silent { .. }) => tracing::info!("etcd answers again"),
                _ => {}
            }
            *known = health;
            is_new
        });
    }
}
