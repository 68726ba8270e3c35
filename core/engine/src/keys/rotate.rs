//! Other recipients for the keys of a store. The objects that they open stay as they are.
//!
//! Each key is written anew beside its place, read back and counted, and only then put in its place, which a store does as one step:
//! stopped anywhere, a key is readable by the identities of before or by those of after.

use snapstore::{Bytes, Key, ObjectId, PutOptions, Snapstore};

use super::error::{Error, Result};
use super::report::{Mode, Readers, RotatedKey, Rotation, Turned};
use super::used::{location, used};
use crate::encryption::{KeyError, KeyId, PLACE, Recipients, key_of, recipients_of};
use crate::session::Session;

/// Where a key is written first. What is left there is of a rotation that was stopped.
const BESIDE: &str = "keys/next/";

/// Encrypts the keys of a store for these recipients, those that open by the identities of the session.
///
/// Errors: that nobody is named, or only others, and what cannot be listed. What fails of single keys is in the report.
pub async fn rotate(
    session: &Session,
    (to, readers): (&Recipients, Readers),
    mode: Mode,
) -> Result<Rotation> {
    if to.is_empty() {
        return Err(Error::NoRecipients);
    }
    if readers == Readers::Ours && !session.keys.opens_for(to).map_err(Error::Encrypt)? {
        return Err(Error::ForOthers);
    }
    let used = used(session).await?;
    let mut keys = Vec::new();
    for id in &used.there {
        session.go_on().map_err(|_| Error::Interrupted)?;
        let turned = turn(session, id, (to, mode)).await;
        let (outcome, why) = match (turned, mode) {
            (Ok(_), Mode::DryRun) => (Turned::WouldRotate, None),
            (Ok(left), Mode::Apply) => (Turned::Rotated, left),
            (Err(why), _) => (Turned::Failed, Some(why)),
        };
        keys.push(RotatedKey {
            key: format!("{PLACE}{id}.age"),
            outcome,
            why,
        });
    }
    let failed = keys.iter().filter(|key| key.outcome == Turned::Failed);
    Ok(Rotation {
        location: location(session),
        dry_run: mode == Mode::DryRun,
        recipients: to.len(),
        failed: failed.count(),
        keys,
    })
}

/// What is left to do of one that is rotated, if anything is.
async fn turn(
    session: &Session,
    id: &KeyId,
    (to, mode): (&Recipients, Mode),
) -> Result<Option<String>, String> {
    let store = &*session.store;
    let told = |error: KeyError| error.to_string();
    let key = session.keys.find(store, id).await.map_err(told)?;
    if mode == Mode::DryRun {
        return Ok(None);
    }
    let object = key.wrapped(to).map_err(|error| error.to_string())?;
    if recipients_of(&object).ok() != Some(to.len()) {
        return Err("what was made of it is not for as many recipients as were named".to_owned());
    }
    let name = |error: snapstore::KeyError| error.to_string();
    let beside = Key::new(format!("{BESIDE}{id}.age")).map_err(name)?;
    let place = key_of(id).map_err(name)?;
    put(store, &beside, &object).await?;
    put(store, &place, &object).await.map_err(|why| {
        format!("{why}; what it should be stands at {beside}, readable by the new recipients")
    })?;
    let removed = store.delete(&ObjectId::from(beside.clone())).await;
    let left = removed.err().map(|error| {
        format!("{beside}, to which it was written first, stays, readable by the new recipients: {error}")
    });
    Ok(left)
}

/// Writes it, and sees that this is what the store gives back.
async fn put(store: &dyn Snapstore, place: &Key, object: &[u8]) -> Result<(), String> {
    use futures::TryStreamExt;
    let bytes = Bytes::copy_from_slice(object);
    let put = store.put(place, bytes, PutOptions::overwrite()).await;
    put.map_err(|error| error.to_string())?;
    let read = async {
        let download = store.get(&ObjectId::from(place.clone()), None).await?;
        download.body.try_collect::<Vec<_>>().await
    };
    let found = read.await.map_err(|error| error.to_string())?;
    match found.concat() == object {
        true => Ok(()),
        false => Err(format!(
            "{place} was written, and the store gives something else back"
        )),
    }
}
