//! Is the quorum lost at all?

use std::sync::Arc;

use client::{Endpoint, ErrorKind, Etcd, Read};
use futures::future::join_all;
use serde::Serialize;

use super::error::{Error, Result};
use super::plan::Plan;

/// A member that did not answer, or not as one of a cluster that serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoAnswer {
    /// Which.
    pub endpoint: String,
    /// Why.
    pub why: String,
}

/// A member that answered for most of its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Serving {
    endpoint: String,
    cluster_id: String,
    revision: i64,
}

/// What came of asking.
#[derive(Debug, Default)]
pub struct Asked {
    serving: Vec<Serving>,
    unclear: Option<client::Error>,
    silent: Vec<NoAnswer>,
}

/// Asks each endpoint, and it alone, for what most members agree on. Who answers that proves that the quorum is there.
/// One that cannot be reached, or knows of no leader, is told of.
pub async fn ask(etcd: &dyn Etcd, endpoints: &[Endpoint]) -> Asked {
    let all = endpoints.iter().map(|endpoint| {
        let member: Arc<dyn Etcd> = etcd.at(endpoint);
        async move { member.head(Read::Agreed).await }
    });
    let mut asked = Asked::default();
    for (endpoint, answer) in endpoints.iter().zip(join_all(all).await) {
        match answer {
            Ok(head) => asked.serving.push(Serving {
                endpoint: endpoint.to_string(),
                cluster_id: format!("{:x}", head.cluster_id),
                revision: head.revision,
            }),
            Err(error) if error.is_passing() || error.kind() == ErrorKind::Learner => {
                asked.silent.push(NoAnswer {
                    endpoint: endpoint.to_string(),
                    why: error.to_string(),
                });
            }
            Err(error) => asked.unclear = asked.unclear.or(Some(error)),
        }
    }
    asked
}

impl Asked {
    /// The plan, if nobody serves. A word for the quorum counts more than any against it, and more than what is wrong with
    /// directories: where a cluster serves, nothing needs to be made of them.
    ///
    /// Errors: who answers for another cluster than the directories are of says nothing of theirs, and was not meant.
    pub fn allow(self, plan: Result<Plan>) -> Result<(Plan, Vec<NoAnswer>)> {
        let ours = |one: &&Serving| match &plan {
            Ok(plan) => one.cluster_id == plan.cluster_id,
            Err(_) => true,
        };
        if let Some(serving) = self.serving.iter().find(ours) {
            return Err(Error::Serves {
                endpoint: serving.endpoint.clone(),
                cluster_id: serving.cluster_id.clone(),
                revision: serving.revision,
            });
        }
        if let Some(error) = self.unclear {
            return Err(Error::Unclear(error));
        }
        let plan = plan?;
        if let Some(other) = self.serving.into_iter().next() {
            return Err(Error::OtherServes {
                endpoint: other.endpoint,
                serves: other.cluster_id,
                lost: plan.cluster_id,
            });
        }
        Ok((plan, self.silent))
    }
}
