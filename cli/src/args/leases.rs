use clap::{ArgAction, Args};

use super::restore::go_bool;

/// Leases of Kubernetes
#[derive(Debug, Args)]
#[command(next_help_heading = "Leases of Kubernetes (not available yet)")]
pub(crate) struct SnapshotLeaseArgs {
    /// Renew them: that it is not done is a warning
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    enable_snapshot_lease_renewal: bool,
    /// Lease with the revision of the newest full
    #[arg(long, value_name = "NAME", default_value = "full-snapshot-revisions")]
    full_snapshot_lease_name: String,
    /// Lease with the revision of the newest delta
    #[arg(long, value_name = "NAME", default_value = "delta-snapshot-revisions")]
    delta_snapshot_lease_name: String,
}

/// The lease of the member of a sidecar
#[derive(Debug, Args)]
#[command(next_help_heading = "Leases of Kubernetes (not available yet)")]
pub(crate) struct MemberLeaseArgs {
    /// Renew that of the member: that it is not done is a warning
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    enable_member_lease_renewal: bool,
    /// How often it is renewed
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    k8s_heartbeat_duration: String,
}

impl SnapshotLeaseArgs {
    /// What is asked for and not done.
    pub(crate) fn notice(&self) -> Option<String> {
        let (full, delta) = (
            &self.full_snapshot_lease_name,
            &self.delta_snapshot_lease_name,
        );
        self.enable_snapshot_lease_renewal.then(|| {
            format!(
                "--enable-snapshot-lease-renewal: leases of Kubernetes are not available yet, so {full} \
                 (--full-snapshot-lease-name) and {delta} (--delta-snapshot-lease-name) stay as they are"
            )
        })
    }
}

impl MemberLeaseArgs {
    /// What is asked for and not done.
    pub(crate) fn notice(&self) -> Option<String> {
        let every = &self.k8s_heartbeat_duration;
        self.enable_member_lease_renewal.then(|| {
            format!(
                "--enable-member-lease-renewal: leases of Kubernetes are not available yet, so that of the member is not \
                 renewed every {every} (--k8s-heartbeat-duration)"
            )
        })
    }
}
