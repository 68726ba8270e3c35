//! The full on its way into the store.

use snapstore::Key;

use super::chain::Folded;
use super::error::{Error, Result};
use super::known::Known;
use super::request::Request;
use super::spoilt::taken_back;
use crate::backups::storing::{How, Made, Proof, key_of, note, store_full};
use crate::backups::{self, SnapshotName};
use crate::history::as_compacted::Sums;
use crate::progress::Phase;
use crate::session::Session;

/// A full that is in the store.
pub(super) struct Stored {
    pub(super) folded: Folded,
    pub(super) key: Key,
    pub(super) made: Made,
    pub(super) proof: Proof,
}

/// Stores it under `name`. Its metadata is written before it ends: a full of an older lineage that had none would be taken
/// for one of another.
pub(super) async fn store(
    session: &Session,
    request: &Request,
    folded: Folded,
    (name, known): (SnapshotName, Known),
) -> Result<Stored> {
    session.phase(Phase::Storing)?;
    let key = key_of(&name)?;
    let how = How {
        compression: request.compression(&folded.last),
        level: request.level,
        threads: request.threads,
        sending: request.sending,
        arrival: request.arrival,
    };
    let what = (folded.layout.size(), folded.revision);
    let (revision, sums) = (folded.revision, folded.layout.sums);
    let surroundings = session.clone();
    let before_end = move |made: &Made| {
        check(made, revision, sums)?;
        let metadata = known.describe(&name, made, &surroundings.keys)?;
        let noting = note(&*surroundings.store, &metadata);
        let noting = surroundings.cancel.run_until_cancelled(noting);
        let noted = surroundings.runtime.block_on(noting);
        noted.ok_or(Error::Interrupted)?
    };
    let pages = move |out: &mut _| {
        let written = folded.layout.write(&folded.scratch.file, out);
        let unreadable = |error: bolt::Error| {
            let path = folded.scratch.path();
            Error::from(backups::Error::of_file(path, error.into()))
        };
        let written = written.map(drop).map_err(unreadable);
        (folded, written)
    };
    match store_full(session, (&key, how), what, pages, before_end).await {
        Ok((folded, made, proof)) => Ok(Stored {
            folded,
            key,
            made,
            proof,
        }),
        Err(error) => Err(taken_back(&*session.store, error).await),
    }
}

/// Whether the pages that were sent hold what was meant: their trees were read as they came by.
fn check(made: &Made, revision: i64, sums: Sums) -> Result<()> {
    let holds = made.holds.as_ref();
    let holds = holds.map_err(|unclear| Error::FailedCheck(unclear.to_string()))?;
    let bucket = holds.key_bucket;
    let is_meant = (bucket.crc32c, bucket.bytes, bucket.entries)
        == (sums.crc32c, sums.bytes, sums.entries)
        && holds.revision == revision
        && holds.compaction.finished == Some(revision)
        && holds.compaction.scheduled == Some(revision);
    match is_meant {
        true => Ok(()),
        false => Err(Error::FailedCheck(
            "the pages that were made do not hold the entries that were meant".to_owned(),
        )),
    }
}
