//! What the store knows of the same database.

use std::time::Duration;

use super::error::{Error, Result};
use crate::backups::branches::Holdings;
use crate::backups::storing::{self, Waits, read_back};
use crate::backups::{Snapshot, metadata};
use crate::session::Session;

/// A full that holds the database with this hash, by its metadata, and is what was stored then.
///
/// Errors: it is not.
pub(super) async fn same(
    session: &Session,
    holdings: &Holdings,
    (revision, sha256): (i64, &str),
) -> Result<Option<Snapshot>> {
    let fulls = holdings.listed.fulls();
    for full in fulls.filter(|full| full.name.last == revision) {
        let known = metadata::read(&*session.store, full.key().file_name()).await;
        // One that cannot be read says nothing of the same.
        let Some(known) = known.ok().flatten() else {
            continue;
        };
        let known = known.opened(&*session.store, &session.keys).await;
        if known.raw_sha256.as_deref() == Some(sha256) {
            return match known.stored_sha256 {
                Some(stored) => is_as_stored(session, full, &stored).await.map(Some),
                None => Ok(None),
            };
        }
    }
    Ok(None)
}

/// Reads all of it: "it is there already" is said of what can be restored.
async fn is_as_stored(session: &Session, full: &Snapshot, sha256: &str) -> Result<Snapshot> {
    let waits = Waits {
        clock: &*session.clock,
        stall: Duration::MAX,
        cancel: &session.cancel,
    };
    let key = full.key();
    let (_, found) = read_back(&*session.store, &full.id, waits)
        .await?
        .map_err(|source| storing::Error::Store {
            key: key.clone(),
            source,
        })?;
    match hex::encode(found) == sha256 {
        true => Ok(full.clone()),
        false => Err(Error::Damaged(key.clone())),
    }
}
