//! A member that joined as a learner gets its vote from the others as soon as it has what they have.

use std::sync::Arc;
use std::time::Duration;

use client::Etcd;
use server::Metrics;
use server::metrics::Outcome;
use snapstore::clock::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::cluster::Membership;

/// How often it is asked for. etcd says no while the learner lacks too much.
const EVERY: Duration = Duration::from_secs(2);

/// The etcd beside this sidecar, while it has no vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Learner {
    pub(super) id: u64,
    /// As `3.5.35`.
    pub(super) version: String,
}

/// Asks the others for the vote of the member beside this sidecar, and of no other.
pub(super) struct Promoting {
    pub(super) membership: Arc<Membership>,
    /// What etcd says of itself.
    pub(super) learner: watch::Receiver<Option<Learner>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
}

impl Promoting {
    /// Until `stop`: each time that etcd says that it learns.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        stop.run_until_cancelled(async {
            // Ends when nobody says any more what etcd is.
            while self.learner.wait_for(Option::is_some).await.is_ok() {
                self.until_promoted().await;
            }
        })
        .await;
    }

    async fn until_promoted(&self) {
        let mut told = None;
        loop {
            let Some(learner) = self.learner.borrow().clone() else {
                return;
            };
            let begun = self.clock.now();
            match self.once(learner.id).await {
                Ok(()) => {
                    let took = self.clock.now().saturating_duration_since(begun);
                    self.metrics.member_promoted(Outcome::Succeeded, took);
                    tracing::info!("member {:x} has got its vote", learner.id);
                    if let Some(warning) = is_forgotten(&learner.version) {
                        tracing::warn!("{warning}");
                    }
                    // It says so itself a little later.
                    self.clock.sleep(EVERY).await;
                }
                Err(why) if told.as_ref() != Some(&why) => {
                    tracing::info!(
                        "member {:x} has no vote yet: {why}; asking for it again each {EVERY:?}",
                        learner.id
                    );
                    let took = self.clock.now().saturating_duration_since(begun);
                    self.metrics.member_promoted(Outcome::Failed, took);
                    told = Some(why);
                }
                Err(_) => {}
            }
            self.clock.sleep(EVERY).await;
        }
    }

    async fn once(&self, id: u64) -> Result<(), String> {
        let etcd = self.membership.others().await?;
        etcd.promote_member(id)
            .await
            .map_err(|error| error.to_string())
    }
}

/// What is to be known of a vote in this version: etcd 3.5.1 to 3.5.19 do not write it down where 3.6 reads it, which then
/// does not start (etcd's issue 19557).
fn is_forgotten(version: &str) -> Option<String> {
    let mut parts = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(3)), Some(Ok(5)), Some(Ok(patch))) = (parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    (1..20).contains(&patch).then(|| {
        format!(
            "etcd {version} does not write down in its database that the member has a vote, and etcd 3.6 does not start on that: \
             run 3.5.20 or later for a while before 3.6"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_forget_a_vote_are_named() {
        for version in ["3.5.1", "3.5.19"] {
            assert!(is_forgotten(version).unwrap().contains(version));
        }
        for version in ["3.4.34", "3.5.0", "3.5.20", "3.6.1", "", "3.5.x"] {
            assert_eq!(is_forgotten(version), None, "{version}");
        }
    }
}
