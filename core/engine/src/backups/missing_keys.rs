//! Keys without which what is stored cannot be read, and which are not in the store: by names alone. Whether a key that is there opens is
//! seen by nothing but opening it.

use std::collections::{BTreeMap, BTreeSet};

use snapstore::{ErrorKind, ListRequest, ObjectId, ObjectMeta, Snapstore, SnapstoreExt};

use super::branches::Holdings;
use super::catalogue::Snapshot;
use super::error::{Error, Result};
use crate::encryption::{KeyId, PLACE, id_of, key_of};
use crate::error::Error as System;
use crate::session::Session;

/// The keys that the metadata of these snapshots names and that the store does not hold. It is listed only where a snapshot is
/// encrypted, once.
///
/// Errors: what the store says.
pub async fn missing_keys(session: &Session, holdings: &Holdings) -> Result<BTreeSet<KeyId>> {
    if needed(holdings).is_empty() {
        return Ok(BTreeSet::new());
    }
    let listing = session.store.list_all(ListRequest::under(PLACE));
    let listed = session.cancel.run_until_cancelled(listing).await;
    let listed = listed.ok_or(System::Interrupted)?;
    let listed = listed.map_err(|source| unread(session, source))?;
    missing_among(session, holdings, &listed).await
}

/// The same, where the keys were listed already. That one is missing counts only if it is so when it is asked for itself, while
/// something that needs it is still there: a key may be written after the listing, and may be collected with all that needs it.
///
/// Errors: what the store says.
pub async fn missing_among(
    session: &Session,
    holdings: &Holdings,
    listed: &[ObjectMeta],
) -> Result<BTreeSet<KeyId>> {
    let there: BTreeSet<KeyId> = listed.iter().filter_map(|one| id_of(&one.id.key)).collect();
    let mut missing = BTreeSet::new();
    for (id, newest) in needed(holdings) {
        if there.contains(&id) {
            continue;
        }
        // Such an id was read out of metadata, and names an object.
        let Ok(key) = key_of(&id).map(ObjectId::from) else {
            continue;
        };
        let asking = is_missing(&*session.store, &key, &newest.id);
        let asked = session.cancel.run_until_cancelled(asking).await;
        let is_missing = asked.ok_or(System::Interrupted)?;
        if is_missing.map_err(|source| unread(session, source))? {
            missing.insert(id);
        }
    }
    Ok(missing)
}

/// The keys that are needed, and the newest of what needs each.
fn needed(holdings: &Holdings) -> BTreeMap<KeyId, &Snapshot> {
    let snapshots = holdings.listed.snapshots.iter();
    let named = snapshots.filter_map(|one| Some((one.noted.as_ref()?.key.clone()?, one)));
    named.collect()
}

/// Whether the key is gone, and what needs it is not.
async fn is_missing(
    store: &dyn Snapstore,
    key: &ObjectId,
    newest: &ObjectId,
) -> snapstore::Result<bool> {
    Ok(!is_there(store, key).await? && is_there(store, newest).await?)
}

async fn is_there(store: &dyn Snapstore, object: &ObjectId) -> snapstore::Result<bool> {
    match store.head(object).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn unread(session: &Session, source: snapstore::Error) -> Error {
    Error::Store {
        location: session.store.location().to_string(),
        source,
    }
}
