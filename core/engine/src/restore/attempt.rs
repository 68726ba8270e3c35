//! A member, built beside its place along one plan, and published.

use std::path::Path;

use etcd::data_dir::{DB, MEMBER, SNAP, WAL};
use etcd::fresh_start::FreshStart;

use super::build::build;
use super::error::{Error, Result};
use super::replace::replace;
use super::report::{LeftOut, Report, RestoredMember};
use super::request::Request;
use crate::backups::Plan;
use crate::chosen::{self, ChosenState};
use crate::data_dir::{Staging, create_file};
use crate::descent::{self, Descent};
use crate::history::Remarks;
use crate::history::output::Output;
use crate::history::walk::Walk;
use crate::session::Session;

/// What the member that is made says of itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    /// It is a state older than the newest, restored on purpose.
    pub(crate) chosen: Option<ChosenState>,
    /// The lineage of the backup.
    pub(crate) descent: Option<Descent>,
}

/// `marks` tells of the result what it shall say of itself.
pub(crate) fn attempt(
    session: &Session,
    request: &Request,
    plan: &Plan,
    marks: impl FnOnce(&Report) -> Marks,
) -> Result<Report> {
    let (cluster, member) = request.identity.resolve()?;
    let start = FreshStart::new(&cluster, &member);
    let staging = begin(request)?;
    let path = staging.path(DB);
    let file = Output::new(create_file(&path).map_err(Error::io("create", &path))?)?;
    let remarks = Remarks::default();
    let walk = Walk {
        session,
        plan,
        reading: request.reading,
        file: &file,
        path: &path,
        remarks: &remarks,
    };
    let mut report = build(&walk, request, &start)?;
    write_raft(&staging, &start)?;
    let Marks { chosen, descent } = marks(&report);
    if let Some(chosen) = chosen {
        let mark = Path::new(MEMBER).join(chosen::FILE);
        staging.write(&mark, &chosen.to_bytes()?)?;
        report.left_out = Some(LeftOut {
            objects: chosen.left.len(),
            mark: mark.display().to_string(),
        });
    }
    if let Some(descent) = descent {
        staging.write(Path::new(MEMBER).join(descent::FILE), &descent.to_bytes()?)?;
    }
    session.go_on()?;
    let disposition = replace(session, request, &file, &mut report)?;
    staging.publish(&[SNAP, WAL, MEMBER], disposition)?;
    report.member = Some(RestoredMember {
        data_dir: request.data_dir.clone(),
        name: member.name.clone(),
        member_id: member.id.to_string(),
        cluster_id: cluster.id().to_string(),
    });
    report.warnings = walk.warned(report.warnings);
    Ok(report)
}

/// The place where the member is built.
fn begin(request: &Request) -> Result<Staging> {
    let staging = match request.over {
        None => Staging::begin(&request.data_dir)?,
        Some(existing) => Staging::over(&request.data_dir, existing)?,
    };
    for directory in [SNAP, WAL] {
        staging.create_dir(directory)?;
    }
    Ok(staging)
}

/// The raft snapshot and the log with which a new member begins.
fn write_raft(staging: &Staging, start: &FreshStart) -> Result<()> {
    let snapshot = etcd::data_dir::snapshot(start.snapshot_name);
    staging.write(snapshot, &start.snapshot)?;
    staging.write(etcd::data_dir::segment(start.wal_name), &start.wal)?;
    Ok(())
}
