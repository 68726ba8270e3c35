//! Is the quorum lost at all?

use std::sync::Arc;

use client::{Endpoint, ErrorKind, Etcd, Read};
use futures::future::join_all;
use serde::Serialize;

use super::error::{Error, Result};

/// A member that did not answer, or not as one of a cluster that serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoAnswer {
    /// Which.
    pub endpoint: String,
    /// Why.
    pub why: String,
}

/// Asks each endpoint, and it alone, for what most members agree on. Who answers that proves that the quorum is there.
/// One that cannot be reached, or knows of no leader, is told of.
pub async fn refuse_while_serving(
    etcd: &dyn Etcd,
    endpoints: &[Endpoint],
) -> Result<Vec<NoAnswer>> {
    let asked = endpoints.iter().map(|endpoint| {
        let member: Arc<dyn Etcd> = etcd.at(endpoint);
        async move { member.head(Read::Agreed).await }
    });
    let answers = join_all(asked).await;
    let mut silent = Vec::new();
    // A word for the quorum counts more than any against it.
    for (endpoint, answer) in endpoints.iter().zip(&answers) {
        if let Ok(head) = answer {
            return Err(Error::Serves {
                endpoint: endpoint.to_string(),
                cluster_id: format!("{:x}", head.cluster_id),
                revision: head.revision,
            });
        }
    }
    for (endpoint, answer) in endpoints.iter().zip(answers) {
        match answer {
            Err(error) if error.is_passing() || error.kind() == ErrorKind::Learner => {
                silent.push(NoAnswer {
                    endpoint: endpoint.to_string(),
                    why: error.to_string(),
                });
            }
            Err(error) => return Err(Error::Unclear(error)),
            Ok(_) => {}
        }
    }
    Ok(silent)
}
