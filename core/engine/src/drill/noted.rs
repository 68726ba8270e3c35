//! What was restored beside what was noted when the backup was taken.

use super::check::Check;
use super::restored::{At, Facts, told};
use crate::backups::metadata::{self, KeyBucket, Metadata};
use crate::restore;
use crate::session::Session;

const FULL: &str = "the sum of the entries of the full";
const EVENT: &str = "the last event";
const REVISION: &str = "the revision of the full";

/// Compares with the metadata of the full, and of the last object of the chain.
pub(super) async fn compare(
    session: &Session,
    report: &restore::Report,
    (at, facts): (At<'_>, &Facts),
) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(full) = &report.base {
        let with = with(full);
        match known(session, full).await {
            Ok(metadata) => checks.extend(of_full(report, facts, (with, &metadata))),
            Err(why) => checks.push(Check::not_compared(FULL, with, why)),
        }
    }
    let last = report.deltas.last().or(report.base.as_ref());
    if let Some(last) = last {
        match known(session, last).await {
            Ok(metadata) => checks.push(of_event(at, facts, (with(last), &metadata))),
            Err(why) => checks.push(Check::not_compared(EVENT, with(last), why)),
        }
    }
    checks
}

/// The id of the cluster that wrote the last object of the chain, in hexadecimal, if that was noted.
pub(super) async fn cluster(session: &Session, report: &restore::Report) -> Option<String> {
    let last = report.deltas.last().or(report.base.as_ref())?;
    let id = known(session, last).await.ok()?.cluster_id?;
    // Without zeros before it.
    u64::from_str_radix(&id, 16)
        .ok()
        .map(|id| format!("{id:x}"))
}

fn with(object: &str) -> String {
    format!("what was noted of {object}")
}

async fn known(session: &Session, object: &str) -> Result<Metadata, String> {
    let name = object.rsplit('/').next().unwrap_or(object);
    match metadata::read(&*session.store, name).await {
        Ok(Some(metadata)) => Ok(metadata.opened(&*session.store, &session.keys).await),
        Ok(None) => Err("nothing was noted when it was taken".to_owned()),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}

fn of_full(
    report: &restore::Report,
    facts: &Facts,
    (with, metadata): (String, &Metadata),
) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(holds) = metadata.holds {
        checks.push(Check::of(REVISION, &*with, report.base_revision, holds));
    }
    match metadata.key_bucket {
        Some(noted) => checks.push(Check::of(FULL, with, sum(facts.of_full), sum(noted))),
        None => {
            let why = "its pages were not understood when it was taken";
            checks.push(Check::not_compared(FULL, with, why));
        }
    }
    checks
}

fn sum(bucket: KeyBucket) -> String {
    let KeyBucket {
        crc32c,
        bytes,
        entries,
    } = bucket;
    format!("{crc32c:08x} ({entries} entries, {bytes} bytes)")
}

fn of_event(at: At<'_>, facts: &Facts, (with, metadata): (String, &Metadata)) -> Check {
    let Some(witness) = &metadata.witness else {
        return Check::not_compared(EVENT, with, "none was noted when it was taken");
    };
    if witness.mod_revision > facts.revision {
        return Check::not_compared(EVENT, with, "it is after the state that was restored");
    }
    let meant = told(witness.deleted, witness.create_revision, witness.version);
    match at.at_witness(witness) {
        Ok(Some(found)) => Check::of(EVENT, with, found, meant),
        // A compaction removes deletions, and puts that others follow on.
        Ok(None) if facts.compact_revision >= Some(witness.mod_revision) => {
            Check::not_compared(EVENT, with, "a compaction has removed it")
        }
        Ok(None) => Check::of(EVENT, with, "not there", meant),
        Err(error) => Check::differs(EVENT, with, error.to_string()),
    }
}
