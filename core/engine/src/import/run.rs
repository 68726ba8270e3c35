use jiff::Timestamp;

use super::decide::{beside, lineage};
use super::error::{Error, Result};
use super::known::same;
use super::read::{Read, read};
use super::report::{Outcome, Report};
use super::request::{Mode, Newest, Request};
use super::stored::store;
use crate::backups::branches::Holdings;
use crate::backups::catalogue::CLOCK_SKEW;
use crate::backups::storing::key_of;
use crate::backups::{DatabaseFile, SnapshotName, read_holdings};
use crate::history::tell;
use crate::session::Session;

/// Makes a full of the store of `session` out of `file`, in whose directory the store of `from` is. All of it is read and checked
/// before a byte is stored.
pub async fn import(
    session: &Session,
    from: &Session,
    file: &DatabaseFile,
    request: &Request,
) -> Result<Report> {
    let holdings = read_holdings(session).await?;
    stays_secret(session, &holdings)?;
    let read = read(from, file, request).await?;
    let created = created(file, request)?;
    let name = request.name(read.revision, created, &session.keys);
    let mut report = report(&read, file, &name)?;
    let known = (read.revision, report.sha256.as_str());
    if let Some(there) = same(session, &holdings, known).await? {
        report.snapshot = there.key().to_string();
        report.time = there.name.created_at().unwrap_or(report.time);
        report.outcome = Outcome::WasThere;
        return Ok(report);
    }
    let key = key_of(&name)?;
    if let Some(taken) = holdings.listed.find(key.file_name()) {
        return Err(Error::Exists(taken.key().clone()));
    }
    let told = match (beside(&holdings, &name), request.newest) {
        (Err(Error::WouldBeNewest { lineage, end, .. }), Newest::MayBeReplaced) => Some(format!(
            "it is the newest state of the store from now on; that was lineage {lineage} up to revision {end}"
        )),
        (told, _) => told?,
    };
    tell(session, &Vec::from_iter(told.clone()));
    report.warnings.extend(told);
    if request.mode == Mode::DryRun {
        return Ok(report);
    }
    let lineage = lineage(&holdings, &report.sha256);
    let (key, stored) = store(session, request, (name, lineage), read).await?;
    report.snapshot = key.to_string();
    report.stored_bytes = Some(stored);
    report.outcome = Outcome::Imported;
    Ok(report)
}

/// Refuses to put something plain beside what is encrypted: a flag that was forgotten would put it there for all to read.
fn stays_secret(session: &Session, holdings: &Holdings) -> Result<()> {
    let mut there = holdings.listed.snapshots.iter();
    let encrypted = there.find(|one| one.name.encoding.is_encrypted());
    match encrypted {
        Some(object) if !session.keys.encrypts() => Err(Error::WouldBePlain {
            encrypted: object.key().clone(),
        }),
        _ => Ok(()),
    }
}

/// When it was taken, in seconds since 1970 UTC.
fn created(file: &DatabaseFile, request: &Request) -> Result<i64> {
    let created = match request.time {
        Some(time) => time.as_second(),
        None => file.modified(),
    };
    let time = Timestamp::from_second(created).unwrap_or_default();
    let now = request.now;
    match created {
        ..0 => Err(Error::Time(time)),
        _ if created > now.as_second().saturating_add(CLOCK_SKEW) => {
            Err(Error::Future { time, now })
        }
        _ => Ok(created),
    }
}

fn report(read: &Read, file: &DatabaseFile, name: &SnapshotName) -> Result<Report> {
    Ok(Report {
        outcome: Outcome::WouldBeImported,
        snapshot: key_of(name)?.to_string(),
        file: file.name().to_owned(),
        time: name.created_at().unwrap_or_default(),
        revision: read.revision,
        compact_revision: read.compact_revision.unwrap_or(-1),
        hash_kv: read.hash_kv,
        keys: read.keys,
        database_bytes: read.database_bytes,
        sha256: hex::encode(read.sha256),
        stored_bytes: None,
        members: read.members.clone(),
        cluster_version: read.cluster_version.clone(),
        hashes: read.hashes,
        warnings: read.warnings.clone(),
    })
}
