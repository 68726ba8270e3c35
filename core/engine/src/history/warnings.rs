use etcd::store_state::StoreState;
use jiff::Timestamp;

use super::leases::LeaseCounts;
use super::remarks::Hashes;
use crate::size::counted;

/// What an operator would want to hear of. `leases`: what became of them, and the seconds given
/// to those of which nothing was known.
pub(crate) fn warnings(
    state: &StoreState,
    hashes: Hashes,
    leases: Option<(LeaseCounts, i64)>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    if hashes == Hashes::NotChecked {
        warnings.push(
            "no hash was checked: structure, revisions and versions are right, but whether a value was changed \
             cannot be known"
                .to_owned(),
        );
    }
    if let Some((leases, ttl)) = leases
        && leases.recreated_with_default > 0
    {
        warnings.push(format!(
            "{} known from deltas only, which record no time to live: {ttl} s from the start of etcd \
             are given",
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

/// That a time was asked for which the backups may not reach. `made`: when the newest object was; `written`: when its
/// last event was, as far as known.
pub(crate) fn ends_before(
    wanted: Timestamp,
    made: Option<Timestamp>,
    revision: i64,
    written: Option<Timestamp>,
) -> Option<String> {
    if made.is_some_and(|made| made.as_second() > wanted.as_second()) {
        return None;
    }
    let last = match written {
        Some(written) => format!("revision {revision} of {written}"),
        None => format!("revision {revision}"),
    };
    Some(format!(
        "the backups end before {wanted}, with {last}: what was written between is in none of them"
    ))
}
