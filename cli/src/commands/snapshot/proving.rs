use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use client::Etcd;
use engine::backups::branches::Wanted as Lineage;
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::{Reading, Target};
use engine::session::Session;
use engine::snapshot::taking::{RequestSender, Wanted};
use engine::verify::{Asking, Error, Proven, Verification, against, against_full};
use tokio::task::JoinHandle;

use crate::clock::now;

/// Proves now and then that the backups are what etcd had: with the hash that etcd remembers from a compaction, else with what was noted of the newest full.
pub(super) struct Proving(JoinHandle<()>);

impl Proving {
    pub(super) fn start(
        session: &Session,
        etcd: Arc<dyn Etcd>,
        every: Duration,
        temp_dir: &Path,
        requests: RequestSender,
    ) -> Self {
        let verification = Verification {
            target: Target::Latest,
            lineage: Lineage::Newest,
            reading: Reading {
                hash: HashCheck::Required,
                leases: LeasePolicy::Keep,
                fetchers: 2,
            },
            temp_dir: temp_dir.to_owned(),
        };
        let session = session.clone();
        Self(tokio::spawn(async move {
            let cancel = session.cancel.clone();
            let forever = async {
                loop {
                    session.clock.sleep(every).await;
                    once(&session, &*etcd, &verification, &requests).await;
                }
            };
            cancel.run_until_cancelled(forever).await;
        }))
    }

    pub(super) async fn stop(self) {
        // The session is cancelled, or the run has failed.
        self.0.abort();
        let _ = self.0.await;
    }
}

async fn once(
    session: &Session,
    etcd: &dyn Etcd,
    verification: &Verification,
    requests: &RequestSender,
) {
    let remembered = against(session, etcd, Asking::Remembered, verification, now()).await;
    let proven = match remembered {
        Err(Error::Nothing(why)) => {
            tracing::debug!("{why}");
            against_full(session, verification, now()).await
        }
        other => other,
    };
    match proven {
        Ok(Proven {
            tier,
            revision,
            with,
            ..
        }) => tracing::info!(tier, revision, "proven: the backups are what {with} has"),
        Err(Error::Nothing(why)) => tracing::info!("nothing is proven yet: {why}"),
        Err(error @ Error::Differs(_)) => {
            tracing::error!("{error}");
            requests.send(Wanted::Full);
        }
        Err(Error::Interrupted) => {}
        Err(error) => tracing::warn!("no proof: {error}; trying again"),
    }
}
