use etcd::store_state::StoreState;

use super::leases::LeaseCounts;
use crate::size::counted;

/// What an operator would want to hear of. `leases`: what became of them, and the seconds given
/// to those of which nothing was known.
pub(crate) fn warnings(state: &StoreState, leases: Option<(LeaseCounts, i64)>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some((leases, ttl)) = leases
        && leases.recreated_with_default > 0
    {
        warnings.push(format!(
            "{} known from deltas only, which record no time to live: {ttl} s from the start of etcd \
             were given",
            counted(leases.recreated_with_default, "lease is", "leases are")
        ));
    }
    // Since 3.6 etcd looks at it, and one of 3.6 knows none before. Older ones start on a member that has no
    // version of the cluster beside its raft snapshot, as what is restored.
    if let Some(version) = &state.storage_version
        && !version.starts_with("3.6.")
    {
        warnings.push(format!(
            "the backup was made by etcd {version} or newer; an etcd from 3.6 on that is older refuses to \
             start on it"
        ));
    }
    warnings
}
