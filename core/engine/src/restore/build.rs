//! The database of a new member, from its first byte to the check of all of them.

use bolt::Db;
use etcd::fresh_start::FreshStart;
use etcd::store_state::StoreState;

use super::commit::{Extended, extend};
use super::compact;
use super::error::Result;
use super::report::Report;
use super::request::{History, Request};
use crate::history::verify_file::Found;
use crate::history::walk::Walk;
use crate::history::warnings;
use crate::progress::Phase;

/// Builds it in the file of `walk`, and reports what it holds.
pub(super) fn build(walk: &Walk<'_>, request: &Request, start: &FreshStart) -> Result<Report> {
    walk.session.phase(Phase::Restoring)?;
    let (state, deltas) = walk.base()?;
    let pages = Db::open(walk.file).map_or(0, |db| db.meta().high_water);
    let mut extended = extend(walk, (&state, deltas), start, request)?;
    walk.session.phase(Phase::Checking)?;
    let (found, bytes) = walk.check(&state, &mut extended.outcome, pages)?;
    let mut report = report(walk, request, &state, extended, &found);
    report.database_bytes = bytes;
    if request.changes.history == History::Compacted {
        walk.session.phase(Phase::Compacting)?;
        (report.database_bytes, report.hash_kv) = compact::rewrite(walk, report.revision)?;
        report.compact_revision = report.revision;
    }
    Ok(report)
}

fn report(
    walk: &Walk<'_>,
    request: &Request,
    state: &StoreState,
    extended: Extended,
    found: &Found,
) -> Report {
    let Extended {
        outcome,
        leases,
        salvaged,
        warnings: of_users,
        reached,
    } = extended;
    let (base, deltas, unused_deltas) = walk.plan.used(outcome.used);
    let hashes = walk.remarks.hashes(walk.reading.hash);
    let of_leases = Some((leases, request.changes.unknown_lease_ttl));
    let mut warnings = warnings(state, hashes, of_leases);
    warnings.extend(of_users);
    Report {
        base,
        deltas,
        unused_deltas,
        fetched_bytes: walk.plan.size(),
        base_revision: state.revision,
        revision: found.revision,
        reached,
        reached_time: outcome.written,
        compact_revision: found.compact_revision.unwrap_or(-1),
        hash_kv: found.hash_kv,
        cluster_version: state.cluster_version.clone(),
        events: outcome.events,
        repeated_events: outcome.repeated,
        leases,
        database_bytes: 0,
        member: None,
        salvaged,
        branch: None,
        lineage: None,
        beyond: None,
        left_out: None,
        hashes,
        warnings,
    }
}
