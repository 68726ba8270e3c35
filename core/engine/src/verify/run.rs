use std::path::PathBuf;

use bolt::Db;

use super::error::{Error, Result};
use super::report::Report;
use crate::backups::branches::Wanted;
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, Plan, Reading, Target};
use crate::history::apply::Entries;
use crate::history::scratch::Scratch;
use crate::history::{
    OfBackups, UNKNOWN_TTL, follow_plan, lineage_warnings, tell, verify_file as check, warnings,
};
use crate::progress::Phase;
use crate::session::Session;

/// What to verify.
#[derive(Debug, Clone)]
pub struct Verification {
    /// The state that must be restorable.
    pub target: Target,
    /// The lineage that it is taken from.
    pub lineage: Wanted,
    /// How objects are read.
    pub reading: Reading,
    /// The full is unpacked here, into a file without a name.
    pub temp_dir: PathBuf,
}

/// Entries are looked at and let go.
struct Unwritten;

impl Entries for Unwritten {
    type Error = Error;

    fn push(&mut self, _key: &[u8], _value: &[u8]) -> Result<()> {
        Ok(())
    }
}

/// Does all that a restore does, except write: fetches, hashes and folds every object of the
/// chain. What it reports is what the restored etcd would: revision, compact revision, HashKV.
pub async fn verify(session: &Session, verification: &Verification) -> Result<Report> {
    let Verification {
        target, lineage, ..
    } = verification;
    let holdings = read_some(session).await?;
    let chosen = holdings.choose(lineage, target);
    let branch = chosen.map_err(backups::Error::from)?;
    let warnings = lineage_warnings(&holdings, branch, target);
    tell(session, &warnings);
    let mut report = of_catalogue(session, &branch.catalogue, verification).await?;
    report.branch = holdings.taken(branch);
    report.warnings.splice(0..0, warnings);
    Ok(report)
}

/// The same of one database in a file, in whose directory the store of `session` is.
pub async fn verify_file(
    session: &Session,
    file: &DatabaseFile,
    verification: &Verification,
) -> Result<Report> {
    let verified = of_catalogue(session, &file.catalogue(), verification).await;
    verified.map_err(Error::of_file)
}

async fn of_catalogue(
    session: &Session,
    catalogue: &Catalogue,
    verification: &Verification,
) -> Result<Report> {
    let Verification {
        target,
        reading,
        temp_dir,
        ..
    } = verification.clone();
    follow_plan(session, catalogue, &target, move |session, plan| {
        attempt(session, plan, reading, temp_dir.clone())
    })
    .await
}

fn attempt(session: &Session, plan: &Plan, reading: Reading, temp_dir: PathBuf) -> Result<Report> {
    let scratch = Scratch::make(&temp_dir)?;
    session.phase(Phase::Verifying)?;
    let walk = scratch.walk(session, plan, reading);
    let (state, deltas) = walk.base()?;
    let db = Db::open(&scratch.file).map_err(|error| walk.failed(error))?;
    let mut outcome = walk.replay(&db, &state, deltas, &mut Unwritten)?;
    session.phase(Phase::Checking)?;
    let looked = check::look_at_base(&db, &mut outcome.index, session.seed);
    let found = looked.map_err(|wrong| walk.wrong(wrong, u64::MAX))?;
    let (base, deltas, unused_deltas) = plan.used(outcome.used);
    let leases = walk.leases(&db, &outcome, 0)?.1;
    let hashes = scratch.remarks.hashes(reading.hash);
    Ok(Report {
        base,
        deltas,
        unused_deltas,
        fetched_bytes: plan.size(),
        base_revision: state.revision,
        revision: outcome.revision,
        reached: outcome.revision,
        reached_time: outcome.written,
        compact_revision: found.compact_revision.unwrap_or(-1),
        hash_kv: outcome.hash_with_base(found.hash_kv),
        cluster_version: state.cluster_version.clone(),
        events: outcome.events,
        repeated_events: outcome.repeated,
        leases,
        database_bytes: db.logical_size(),
        branch: None,
        member: (),
        hashes,
        warnings: walk.warned(warnings(&state, hashes, Some((leases, UNKNOWN_TTL)))),
    })
}
