//! What becomes of the member whose place is taken.

use bolt::Db;
use etcd::data_dir::DB;

use super::error::{Error, Result};
use super::report::Report;
use super::request::{Authentication, OtherCluster, Request};
use crate::backups;
use crate::data_dir::{Disposition, ExistingMember, Holds};
use crate::history::output::Output;
use crate::lineage::{Beyond, Lineage, Restored, beyond, lineage_of};
use crate::progress::Phase;
use crate::session::Session;

/// Decides it, from what was restored into `file`; the report says then how the two compare. An error means
/// that its place must not be taken.
pub(super) fn replace(
    session: &Session,
    request: &Request,
    file: &Output,
    report: &mut Report,
) -> Result<Disposition> {
    let Some(existing) = request.over else {
        return Ok(Disposition::Removed);
    };
    if let Some(whole_at) = existing.whole_at
        && report.reached <= whole_at
    {
        return Err(Error::NotNewer {
            restored: report.reached,
            whole_at,
        });
    }
    if existing.holds == Holds::Nothing {
        return Ok(existing.disposition(report.reached));
    }
    session.phase(Phase::Comparing)?;
    let (lineage, beyond) = compare(session, existing, request, (file, report))?;
    let disposition = match disposition(existing, lineage, request, report.reached)? {
        Disposition::Removed if !beyond.is_nothing() => Disposition::Kept,
        disposition => disposition,
    };
    (report.lineage, report.beyond) = (Some(lineage), Some(beyond));
    Ok(disposition)
}

/// Whether the two are of one history, and what the member holds beside its keys that the result does not.
fn compare(
    session: &Session,
    existing: ExistingMember,
    request: &Request,
    (file, report): (&Output, &Report),
) -> Result<(Lineage, Beyond)> {
    let data_dir = &request.data_dir;
    let path = data_dir.join(DB);
    let wrong = |error: etcd::Error| backups::Error::of_file(&path, error);
    let db = Db::open(file).map_err(|error| wrong(error.into()))?;
    let beyond = match report.has_whole_log() {
        // All that the member held, and its log, is in it: users, roles and leases too.
        true => Beyond::nothing_but_v2_keys(data_dir),
        false => beyond(data_dir, existing.servers, &db).map_err(wrong)?,
    };
    if beyond.authentication_off && request.authentication == Authentication::Kept {
        return Err(Error::AuthenticationOff {
            path: data_dir.clone(),
            beyond: beyond.sentence().unwrap_or_default(),
        });
    }
    let restored = Restored {
        db: &db,
        compacted: report.compact_revision,
        reached: report.reached,
    };
    let lineage = lineage_of(data_dir, existing.servers, restored, session.seed);
    Ok((lineage, beyond))
}

/// Revisions alone do not tell: the member is removed only when what it wrote last was found in what was
/// restored. A whole one serves, so it stays unless nothing speaks against its being of one history with
/// that.
fn disposition(
    existing: ExistingMember,
    lineage: Lineage,
    request: &Request,
    reached: i64,
) -> Result<Disposition> {
    let path = || request.data_dir.clone();
    if let (Lineage::Other(_) | Lineage::Unknown, None, OtherCluster::Refused, Some(differ)) = (
        lineage,
        existing.whole_at,
        request.other_cluster,
        &request.clusters,
    ) {
        return Err(Error::ClustersDiffer {
            path: path(),
            member: differ.member.clone(),
            backups: differ.backups.clone(),
        });
    }
    match (lineage, existing.whole_at) {
        (Lineage::Same, _) => Ok(existing.disposition(reached)),
        (Lineage::Other(revision) | Lineage::Foreign(revision), Some(_)) => {
            Err(Error::OtherHistory {
                path: path(),
                revision,
            })
        }
        (Lineage::Unknown, Some(whole_at)) => Err(Error::UnknownHistory {
            path: path(),
            whole_at,
        }),
        (Lineage::Foreign(revision), None) if request.other_cluster == OtherCluster::Refused => {
            Err(Error::OtherCluster {
                path: path(),
                revision,
            })
        }
        (Lineage::Overwritten, _)
        | (Lineage::Other(_) | Lineage::Foreign(_) | Lineage::Unknown, None) => {
            Ok(Disposition::Kept)
        }
    }
}
