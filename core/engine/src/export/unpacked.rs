//! The chain in one file, checked.

use bolt::Db;

use super::error::{Error, Result};
use super::report::Report;
use super::request::Request;
use super::room::Room;
use crate::backups::{self, Plan};
use crate::error::Error as System;
use crate::history::scratch::Scratch;
use crate::history::{live_keys, warnings};
use crate::progress::Phase;
use crate::session::Session;

/// A database that was made of a chain, and what is to be said of it but for its hash.
pub(super) struct Unpacked {
    pub(super) room: Room,
    pub(super) scratch: Scratch,
    pub(super) report: Report,
}

/// Reads what `plan` says, writes it and reads it again.
pub(super) fn unpack(session: &Session, plan: &Plan, request: &Request) -> Result<Unpacked> {
    session.phase(Phase::Restoring)?;
    let room = Room::make(&request.place)?;
    let (file, path) = room.file();
    let file = file.try_clone().map_err(System::io("open", path))?;
    let scratch = Scratch::on(file, path)?;
    let report = report(session, plan, request, &scratch)?;
    Ok(Unpacked {
        room,
        scratch,
        report,
    })
}

fn report(session: &Session, plan: &Plan, request: &Request, scratch: &Scratch) -> Result<Report> {
    let walk = scratch.walk(session, plan, request.reading);
    let (state, deltas) = walk.base()?;
    let pages = Db::open(&scratch.file).map_or(0, |db| db.meta().high_water);
    let (mut outcome, leases) = walk.extend((&state, deltas), request.unknown_lease_ttl)?;
    session.phase(Phase::Checking)?;
    let (found, bytes) = walk.check(&state, &mut outcome, pages)?;
    let unreadable = |error| backups::Error::of_file(scratch.path(), error);
    let db = Db::open(&scratch.file).map_err(|error| unreadable(error.into()))?;
    let keys = live_keys::count(&db, found.revision, session.seed).map_err(unreadable)?;
    let (base, deltas, unused_deltas) = plan.used(outcome.used);
    let hashes = scratch.remarks.hashes(request.reading.hash);
    let of_leases = Some((leases, request.unknown_lease_ttl));
    Ok(Report {
        file: None,
        bytes,
        sha256: String::new(),
        base,
        deltas,
        unused_deltas,
        fetched_bytes: plan.size(),
        base_revision: state.revision,
        revision: found.revision,
        reached_time: outcome.written,
        compact_revision: found.compact_revision.unwrap_or(-1),
        hash_kv: found.hash_kv,
        keys,
        cluster_version: state.cluster_version.clone(),
        events: outcome.events,
        repeated_events: outcome.repeated,
        leases,
        branch: None,
        hashes,
        warnings: walk.warned(warnings(&state, hashes, of_leases)),
    })
}

impl Unpacked {
    /// The length of the database, in bytes.
    pub(super) fn database_bytes(&self) -> u64 {
        self.report.bytes
    }

    pub(super) fn failed(&self) -> impl Fn(std::io::Error) -> Error + use<> {
        let path = self.room.file().1.to_owned();
        move |error| System::io("write", &path)(error).into()
    }
}
