use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};

use super::restore::go_bool;
use super::time::above_zero;

/// Leases of Kubernetes
#[derive(Debug, Args)]
#[command(next_help_heading = "Leases of Kubernetes")]
pub(crate) struct SnapshotLeaseArgs {
    /// Renew the leases by which etcd-druid sees the backups
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    pub(crate) enable_snapshot_lease_renewal: bool,
    /// Lease with the revision of the newest full
    #[arg(long, value_name = "NAME", default_value = "full-snapshot-revisions")]
    pub(crate) full_snapshot_lease_name: String,
    /// Lease with the revision of the newest delta
    #[arg(long, value_name = "NAME", default_value = "delta-snapshot-revisions")]
    pub(crate) delta_snapshot_lease_name: String,
    /// Where the token and the CA of the pod are mounted, which are read again for each request
    #[arg(
        long,
        env = "ETCDBRCTL_SERVICE_ACCOUNT_DIR",
        value_name = "DIR",
        default_value = "/var/run/secrets/kubernetes.io/serviceaccount"
    )]
    pub(crate) service_account_dir: PathBuf,
    #[arg(long, env = "KUBERNETES_SERVICE_HOST", hide = true)]
    pub(crate) kubernetes_service_host: Option<String>,
    #[arg(long, env = "KUBERNETES_SERVICE_PORT", hide = true)]
    pub(crate) kubernetes_service_port: Option<String>,
}

/// The lease of the member of a sidecar
#[derive(Debug, Args)]
#[command(next_help_heading = "Leases of Kubernetes")]
pub(crate) struct MemberLeaseArgs {
    /// Renew the lease by which etcd-druid sees the member, as long as its etcd answers
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    pub(crate) enable_member_lease_renewal: bool,
    /// How often it is renewed
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = above_zero)]
    pub(crate) k8s_heartbeat_duration: Duration,
}

/// What is asked for and not done, where leases are not built in.
#[cfg(not(feature = "kubernetes"))]
pub(crate) fn not_built_in(is_asked: bool) -> Option<String> {
    let told =
        "no lease of Kubernetes is renewed: this program is built without the feature `kubernetes`";
    is_asked.then(|| told.to_owned())
}
