//! What the store knows of the same database.

use super::error::Result;
use crate::backups::branches::Holdings;
use crate::backups::{Snapshot, metadata};
use crate::session::Session;

/// A full that holds the database with this hash, by its metadata.
pub(super) async fn same(
    session: &Session,
    holdings: &Holdings,
    (revision, sha256): (i64, &str),
) -> Result<Option<Snapshot>> {
    let fulls = holdings.listed.fulls();
    for full in fulls.filter(|full| full.name.last == revision) {
        let known = metadata::read(&*session.store, full.key().file_name()).await;
        // One that cannot be read says nothing of the same.
        let hash = known.ok().flatten().and_then(|known| known.raw_sha256);
        if hash.as_deref() == Some(sha256) {
            return Ok(Some(full.clone()));
        }
    }
    Ok(None)
}
