//! The members of the cluster, asked for the page while somebody looks at it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::{Endpoint, Etcd, Member, Read, Status};
use jiff::Timestamp;
use page::members::{ClusterMember, Said, Standing};
use snapstore::clock::Clock;
use snapstore::printable;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::now;

/// How often they are asked, at most, and how long an answer may take.
const EVERY: Duration = Duration::from_secs(10);
const WITHIN: Duration = Duration::from_secs(2);

/// What they have said.
pub(super) struct Others {
    /// The etcd beside this sidecar.
    pub(super) own: Arc<dyn Etcd>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) looked: Notify,
    pub(super) known: Mutex<Option<Vec<ClusterMember>>>,
}

impl Others {
    /// What is known; `None` where nobody has told who the members are. It answers at once.
    pub(super) fn look(&self) -> Option<Vec<ClusterMember>> {
        self.looked.notify_one();
        self.with(|known| known.clone())
    }

    /// Asks when somebody has looked, until `stop`.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let forever = async {
            loop {
                self.looked.notified().await;
                let told = self.once().await;
                self.with(|known| *known = told);
                self.clock.sleep(EVERY).await;
            }
        };
        stop.run_until_cancelled(forever).await;
    }

    /// `None`: the etcd beside this sidecar does not say who they are.
    async fn once(&self) -> Option<Vec<ClusterMember>> {
        let asked = async { futures::try_join!(self.own.members(Read::Local), self.own.status()) };
        let (members, own) = self.in_time(asked).await?.ok()?;
        let asked = members.members.iter().map(|member| self.ask(member, &own));
        Some(futures::future::join_all(asked).await)
    }

    async fn ask(&self, member: &Member, own: &Status) -> ClusterMember {
        let said = match own.header.member_id == member.id {
            true => Ok(stands(own)),
            false => self.elsewhere(member).await,
        };
        let name = match member.name.is_empty() {
            true => format!("{:x}", member.id),
            false => printable(&member.name),
        };
        let said = said.unwrap_or_else(|why| Said::Nothing {
            since: self.silent_since(&name).unwrap_or_else(now),
            why: printable(&why),
        });
        ClusterMember {
            standing: match own.leader {
                _ if member.learner => Standing::Learner,
                Some(leader) if leader == member.id => Standing::Leader,
                Some(_) => Standing::Follower,
                None => Standing::Unknown,
            },
            name,
            said,
        }
    }

    /// Where it says that clients find it. What answers there may be another: each member on one machine may say `localhost`.
    async fn elsewhere(&self, member: &Member) -> Result<Said, String> {
        let scheme = self.own.endpoint().scheme();
        let mut why = "it has not started yet".to_owned();
        for url in &member.client_urls {
            let endpoint = match Endpoint::parse(url, scheme) {
                Ok(endpoint) => endpoint,
                Err(error) => {
                    why = error.to_string();
                    continue;
                }
            };
            let at = self.own.at(&endpoint);
            why = match self.in_time(at.status()).await {
                Some(Ok(status)) if status.header.member_id == member.id => {
                    return Ok(stands(&status));
                }
                Some(Ok(_)) => format!("another member answers at {endpoint}"),
                Some(Err(error)) => error.to_string(),
                None => format!("no answer at {endpoint} within {WITHIN:?}"),
            };
        }
        Err(why)
    }

    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            answer = answer => Some(answer),
            () = self.clock.sleep(WITHIN) => None,
        }
    }

    fn silent_since(&self, name: &str) -> Option<Timestamp> {
        self.with(|known| {
            let member = known.iter().flatten().find(|member| member.name == name)?;
            match member.said {
                Said::Nothing { since, .. } => Some(since),
                Said::Stands { .. } => None,
            }
        })
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Option<Vec<ClusterMember>>) -> T) -> T {
        use_it(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn stands(status: &Status) -> Said {
    Said::Stands {
        revision: status.header.revision,
        db_bytes: status.db_size,
        at: now(),
    }
}
