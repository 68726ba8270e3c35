//! The leases of Kubernetes, as the pod that this runs in may write them.

use std::time::Duration;

use engine::backups::SnapshotName;
use kubernetes::content::{Full, full};
use kubernetes::{ApiServer, Error, ErrorKind, InCluster, Renewed, Result, ServiceAccount, renew};
use snapstore::clock::Clock;

use crate::args::SnapshotLeaseArgs;

/// How long a compaction goes on trying: the reference's limit for a lease.
const WITHIN: Duration = Duration::from_secs(60);

/// And how long it rests in between.
const AGAIN: Duration = Duration::from_secs(5);

/// Those of `namespace`; of the pod's own where none is given.
pub(crate) fn of_pod(args: &SnapshotLeaseArgs, namespace: Option<&str>) -> InCluster {
    let server = ApiServer {
        host: args.kubernetes_service_host.clone(),
        port: args.kubernetes_service_port.clone(),
    };
    let account = ServiceAccount::at(&args.service_account_dir);
    let namespace = namespace.filter(|namespace| !namespace.is_empty());
    InCluster::new(server, account, namespace.map(str::to_owned))
}

/// Says in the lease of the fulls that this one was taken. What fails is tried again for a while, and then a warning: the
/// full is in the store.
pub(crate) async fn tell_full(
    args: &SnapshotLeaseArgs,
    namespace: Option<&str>,
    key: &str,
    clock: &dyn Clock,
) {
    if !args.enable_snapshot_lease_renewal {
        return;
    }
    let name = &args.full_snapshot_lease_name;
    let telling = async {
        loop {
            let error = match told(args, namespace, key).await {
                Ok(_) => return tracing::info!("the lease {name} says that {key} is there"),
                Err(error) => error,
            };
            let is_lasting = matches!(error.kind(), ErrorKind::NoCluster | ErrorKind::NotFound);
            tracing::warn!("the lease {name} is not renewed: {error}");
            if is_lasting {
                return;
            }
            clock.sleep(AGAIN).await;
        }
    };
    tokio::select! {
        () = telling => {}
        () = clock.sleep(WITHIN) => tracing::warn!("the lease {name} was not renewed within {WITHIN:?}"),
    }
}

async fn told(args: &SnapshotLeaseArgs, namespace: Option<&str>, key: &str) -> Result<Renewed> {
    let leases = of_pod(args, namespace);
    let newest = full_of(key)?;
    renew(&leases, &args.full_snapshot_lease_name, |lease| {
        full(lease, newest)
    })
    .await
}

fn full_of(key: &str) -> Result<Full> {
    let name = key.rsplit('/').next().unwrap_or(key);
    let name = SnapshotName::parse(name).ok();
    let times = name.and_then(|name| Some((name.last, name.created_at()?)));
    let (revision, created) = times.ok_or_else(|| Error::unclear(key))?;
    Ok(Full { revision, created })
}
