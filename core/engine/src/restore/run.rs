use std::path::Path;
use std::sync::Arc;

use bolt::Db;
use etcd::data_dir::{DB, MEMBER, SNAP, WAL};
use etcd::fresh_start::FreshStart;

use super::commit::extend;
use super::compact;
use super::report::{Report, RestoredMember};
use super::request::{Authentication, History, OtherCluster, Request};
use crate::backups::listing::read_some;
use crate::backups::{Catalogue, DatabaseFile, Plan, plan};
use crate::chosen::{self, ChosenState};
use crate::data_dir::{self, Fate, Holds, Occupant, Staging, create_file};
use crate::error::{Error, Result};
use crate::history::follow::{follow_plan, warn_of_second_history};
use crate::history::output::Output;
use crate::history::walk::Walk;
use crate::history::{verify_file as check, warnings};
use crate::lineage::{Beyond, Kinship, Restored, beyond, kinship};
use crate::session::Session;

/// Restores what `request` asks for. When this returns `Ok`, the data directory is complete,
/// checked and on stable storage; when it fails, there is none.
pub async fn restore(session: &Session, request: &Request) -> Result<Report> {
    request.changes.check()?;
    request.identity.resolve()?;
    let catalogue = read_some(session).await?;
    let (target, listed) = (request.target.clone(), Arc::new(catalogue.clone()));
    let chosen = move |report: &Report| {
        let made_of = report.base.iter().chain(&report.deltas).cloned().collect();
        ChosenState::of(&target, report.reached, made_of, &listed)
    };
    of_catalogue(session, &catalogue, request, chosen).await
}

/// Restores a database in a file, in whose directory the store of `session` is. `backups`: what the store
/// of the cluster holds, if there is one. None of it belongs to the history that begins with this restore.
pub async fn restore_file(
    session: &Session,
    file: &DatabaseFile,
    backups: Option<Catalogue>,
    request: &Request,
) -> Result<Report> {
    request.changes.check()?;
    request.identity.resolve()?;
    let (backups, name) = (
        Arc::new(backups.unwrap_or_default()),
        file.name().to_owned(),
    );
    let chosen = move |report: &Report| ChosenState::of_file(&name, report.reached, &backups);
    of_catalogue(session, &file.catalogue(), request, chosen).await
}

async fn of_catalogue(
    session: &Session,
    catalogue: &Catalogue,
    request: &Request,
    chosen: impl Fn(&Report) -> Option<ChosenState> + Clone + Send + 'static,
) -> Result<Report> {
    let request = request.clone();
    follow_plan(
        session,
        catalogue,
        &request.target.clone(),
        move |session, plan| attempt(session, &request, plan, &chosen),
    )
    .await
}

/// What a restore would fetch, and that nothing stands in its way: the members, the data
/// directory, the objects. Changes nothing.
pub async fn preview(session: &Session, request: &Request) -> Result<Plan> {
    request.changes.check()?;
    request.identity.resolve()?;
    data_dir::refuse_member(&request.data_dir)?;
    let catalogue = read_some(session).await?;
    warn_of_second_history(session, &catalogue, &request.target);
    Ok(plan(&catalogue, &request.target, &[])?)
}

/// The same of a database in a file.
pub fn preview_file(file: &DatabaseFile, request: &Request) -> Result<Plan> {
    request.changes.check()?;
    request.identity.resolve()?;
    data_dir::refuse_member(&request.data_dir)?;
    Ok(plan(&file.catalogue(), &request.target, &[])?)
}

/// `chosen` tells of the result whether it is a state older than the newest, to be marked as such.
pub(crate) fn attempt(
    session: &Session,
    request: &Request,
    plan: &Plan,
    chosen: impl FnOnce(&Report) -> Option<ChosenState>,
) -> Result<Report> {
    let (cluster, member) = request.identity.resolve()?;
    let start = FreshStart::new(&cluster, &member);
    let staging = match request.over {
        None => Staging::begin(&request.data_dir)?,
        Some(occupant) => Staging::over(&request.data_dir, occupant)?,
    };
    for directory in [SNAP, WAL] {
        staging.create_dir(directory)?;
    }
    let path = staging.path(DB);
    let file = Output::new(create_file(&path).map_err(Error::io("create", &path))?)?;
    let walk = Walk {
        session,
        plan,
        reading: request.reading,
        file: &file,
        path: &path,
    };
    session.phase("restoring")?;
    let mut report = build(&walk, request, &start)?;
    if request.changes.history == History::Compacted {
        session.phase("compacting")?;
        (report.database_bytes, report.hash_kv) = compact::rewrite(&walk, report.revision)?;
        report.compact_revision = report.revision;
    }
    staging.write(
        etcd::data_dir::snapshot(start.snapshot_name),
        &start.snapshot,
    )?;
    staging.write(etcd::data_dir::segment(start.wal_name), &start.wal)?;
    if let Some(chosen) = chosen(&report) {
        staging.write(Path::new(MEMBER).join(chosen::FILE), &chosen.to_bytes()?)?;
    }
    session.go_on()?;
    if let Some(whole_at) = request.over.and_then(|occupant| occupant.whole_at)
        && report.reached <= whole_at
    {
        return Err(Error::NotNewer {
            restored: report.reached,
            whole_at,
        });
    }
    let fate = match request.over {
        Some(occupant) if occupant.holds != Holds::Nothing => {
            session.phase("comparing with the old member")?;
            let (kinship, beyond) = compare(session, occupant, request, (&file, &report))?;
            let mut fate = fate(occupant, kinship, request, report.reached)?;
            if !beyond.is_nothing() {
                fate = Fate::Kept;
            }
            (report.kinship, report.beyond) = (Some(kinship), Some(beyond));
            fate
        }
        Some(occupant) => occupant.fate(report.reached),
        None => Fate::Removed,
    };
    staging.publish(&[SNAP, WAL, MEMBER], fate)?;
    report.member = Some(RestoredMember {
        data_dir: request.data_dir.clone(),
        name: member.name.clone(),
        member_id: member.id.to_string(),
        cluster_id: cluster.id().to_string(),
    });
    Ok(report)
}

/// Holds the member whose place is taken against what was restored.
fn compare(
    session: &Session,
    occupant: Occupant,
    request: &Request,
    (file, report): (&Output, &Report),
) -> Result<(Kinship, Beyond)> {
    let path = request.data_dir.join(DB);
    let db = Db::open(file).map_err(|error| {
        Error::of_disk(&path, error.into())
            .unwrap_or_else(|error| Error::SelfCheck(error.to_string()))
    })?;
    let restored = Restored {
        db: &db,
        compacted: report.compact_revision,
        reached: report.reached,
    };
    let (data_dir, servers) = (&request.data_dir, occupant.servers);
    let whole_log = report
        .salvaged
        .as_ref()
        .is_some_and(|salvaged| salvaged.left_out.is_none());
    let beyond = match whole_log {
        // All that the member held, and its log, is in it: users, roles and leases too.
        true => Beyond::nothing_but_v2_keys(data_dir),
        false => beyond(data_dir, servers, &db).map_err(|error| {
            Error::of_disk(&path, error).unwrap_or_else(|error| Error::SelfCheck(error.to_string()))
        })?,
    };
    if beyond.authentication_off && request.authentication == Authentication::Kept {
        return Err(Error::AuthenticationOff {
            path: data_dir.clone(),
            beyond: beyond.sentence().unwrap_or_default(),
        });
    }
    Ok((kinship(data_dir, servers, restored, session.seed), beyond))
}

/// What becomes of a member whose place is taken. Revisions alone do not tell: it is removed only
/// when what it wrote last was found in what was restored. A whole one serves, so it stays unless
/// nothing speaks against its being of one history with that.
fn fate(occupant: Occupant, kinship: Kinship, request: &Request, reached: i64) -> Result<Fate> {
    let path = || request.data_dir.clone();
    match (kinship, occupant.whole_at) {
        (Kinship::Same, _) => Ok(occupant.fate(reached)),
        (Kinship::Other(revision) | Kinship::Foreign(revision), Some(_)) => {
            Err(Error::OtherHistory {
                path: path(),
                revision,
            })
        }
        (Kinship::Unknown, Some(whole_at)) => Err(Error::UnknownHistory {
            path: path(),
            whole_at,
        }),
        (Kinship::Foreign(revision), None) if request.other_cluster == OtherCluster::Refused => {
            Err(Error::OtherCluster {
                path: path(),
                revision,
            })
        }
        (Kinship::Overwritten, _)
        | (Kinship::Other(_) | Kinship::Foreign(_) | Kinship::Unknown, None) => Ok(Fate::Kept),
    }
}

/// The database, from the first byte to the last look at it.
fn build(walk: &Walk<'_>, request: &Request, start: &FreshStart) -> Result<Report> {
    let (state, deltas) = walk.base()?;
    let pages = Db::open(walk.file).map_or(0, |db| db.meta().high_water);
    let extended = extend(walk, (&state, deltas), start, request)?;
    let (mut outcome, leases) = (extended.outcome, extended.leases);
    walk.session.phase("checking")?;
    let db = Db::open(walk.file).map_err(|error| walk.failed(error))?;
    let looked = check::look(&db, state.revision, &mut outcome.index, walk.session.seed);
    let found = looked.map_err(|wrong| walk.wrong(wrong, pages))?;
    // A CRC runs on: what the hash of all must be follows from that of the base and of the events.
    let meant = outcome.hash_behind(found.base);
    if found.revision != outcome.revision || found.whole != meant {
        let what = "the entries read back are not the ones that were written";
        return Err(Error::SelfCheck(what.into()));
    }
    let (base, deltas) = walk.plan.names();
    Ok(Report {
        base,
        deltas,
        fetched_bytes: walk.plan.size(),
        base_revision: state.revision,
        revision: found.revision,
        reached: extended.reached,
        reached_time: outcome.written,
        compact_revision: found.compact_revision.unwrap_or(-1),
        hash_kv: found.hash_kv,
        cluster_version: state.cluster_version.clone(),
        events: outcome.events,
        repeated_events: outcome.repeated,
        leases,
        database_bytes: db.logical_size(),
        member: None,
        salvaged: extended.salvaged,
        kinship: None,
        beyond: None,
        warnings: [
            warnings(&state, Some((leases, request.changes.unknown_lease_ttl))),
            extended.warnings,
        ]
        .concat(),
    })
}
