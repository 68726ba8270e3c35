//! The chain, unpacked and checked.

use std::fs::create_dir_all;

use bolt::Db;
use etcd::store_state::StoreState;

use super::error::{Error, Result};
use super::layout::{Layout, hash_as_compacted};
use super::request::Request;
use crate::backups::{Plan, Snapshot};
use crate::error::Error as System;
use crate::history::apply::Outcome;
use crate::history::scratch::Scratch;
use crate::history::walk::Walk;
use crate::history::{LeaseCounts, warnings};
use crate::machine::beside;
use crate::progress::Phase;
use crate::session::Session;

/// A full and deltas, in one file.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) scratch: Scratch,
    pub(super) layout: Layout,
    pub(super) plan: Plan,
    pub(super) base: Snapshot,
    pub(super) last: Snapshot,
    /// The revision of the full, as its database says.
    pub(super) base_revision: i64,
    pub(super) revision: i64,
    pub(super) events: u64,
    pub(super) repeated: u64,
    pub(super) leases: LeaseCounts,
    pub(super) cluster_version: Option<String>,
    pub(super) warnings: Vec<String>,
}

/// Reads what `plan` says: a full and deltas.
pub(super) fn read(session: &Session, plan: &Plan, request: &Request) -> Result<Folded> {
    let base = plan.base.as_ref().ok_or(Error::NoFull)?;
    let last = plan.deltas.last().ok_or(Error::NoFull)?;
    session.phase(Phase::Restoring)?;
    let temp_dir = &request.temp_dir;
    create_dir_all(temp_dir).map_err(System::io("create", temp_dir))?;
    let scratch = Scratch::make(temp_dir)?;
    let walk = scratch.walk(session, plan, request.reading);
    let (state, deltas) = walk.base()?;
    let pages = Db::open(walk.file).map_or(0, |db| db.meta().high_water);
    let (mut outcome, leases) = walk.extend((&state, deltas), request.unknown_lease_ttl)?;
    session.phase(Phase::Checking)?;
    let layout = checked(&walk, (&state, pages), &mut outcome)?;
    let hashes = scratch.remarks.hashes(request.reading.hash);
    let of_leases = Some((leases, request.unknown_lease_ttl));
    let warnings = walk.warned(warnings(&state, hashes, of_leases));
    Ok(Folded {
        layout,
        base: base.clone(),
        last: last.clone(),
        plan: plan.clone(),
        base_revision: state.revision,
        revision: outcome.revision,
        events: outcome.events,
        repeated: outcome.repeated,
        leases,
        cluster_version: state.cluster_version,
        warnings,
        scratch,
    })
}

/// Reads all of the file again, lays out what a compaction of it leaves, and hashes that from the other end: three readings
/// that need nothing of each other, so they go on at one time.
fn checked(
    walk: &Walk<'_>,
    (state, pages): (&StoreState, u64),
    outcome: &mut Outcome,
) -> Result<Layout> {
    let (file, revision, seed) = (walk.file, outcome.revision, walk.session.seed);
    let unreadable = |error| walk.unreadable(error);
    let (checked, laid_out) = beside(
        || walk.check(state, outcome, pages),
        || {
            let layout = || Layout::of(file, revision, seed);
            beside(layout, || hash_as_compacted(file, revision, seed))
        },
    )?;
    checked?;
    let (layout, meant) = laid_out?;
    let (layout, meant) = (layout.map_err(unreadable)?, meant.map_err(unreadable)?);
    match layout.hash_kv == meant {
        true => Ok(layout),
        false => {
            let what = "it does not hash as the database that it is made from";
            Err(Error::FailedCheck(what.to_owned()))
        }
    }
}
