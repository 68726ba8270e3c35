//! The keys of a source, which go before the objects that need them; and whether each object has its key at the destination.

use std::collections::BTreeMap;

use snapstore::{Bytes, ErrorKind, ListRequest, ObjectId, PutOptions, SnapstoreExt};

use super::failure::Failure;
use crate::backups::Snapshot;
use crate::backups::encrypted_with::{EncryptedWith, encrypted_with};
use crate::backups::metadata::AllMetadata;
use crate::encryption::{KeyError, KeyId, Keyring, PLACE, id_of, key_of};
use crate::session::Session;

/// The keys that the destination has after those of the source were copied.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// What is wrong with each, if anything is.
    there: BTreeMap<KeyId, Option<String>>,
}

/// Copies every key that the destination does not have, and reads it back. One that is there stays as it is: both open it who may, and a
/// rotation there counts.
///
/// Errors: a sentence that says which key did not come, and why. One that is damaged is no error here: what needs it is told.
pub(super) async fn bring(source: &Session, to: &Session) -> Result<Keys, String> {
    let listed = source.store.list_all(ListRequest::under(PLACE)).await;
    let listed = listed.map_err(|error| format!("the keys of the source: {error}"))?;
    for id in listed.iter().filter_map(|object| id_of(&object.id.key)) {
        let brought = one(source, to, &id).await;
        brought.map_err(|error| format!("{PLACE}{id}.age: {error}"))?;
    }
    look((source, to)).await
}

/// The keys of the destination as they are now.
async fn look((source, to): (&Session, &Session)) -> Result<Keys, String> {
    let listed = to.store.list_all(ListRequest::under(PLACE)).await;
    let listed = listed.map_err(|error| format!("the keys of the destination: {error}"))?;
    let mut there = BTreeMap::new();
    for id in listed.iter().filter_map(|object| id_of(&object.id.key)) {
        let wrong = match to.keys.object(&*to.store, &id).await {
            Ok(object) => wrong_with(&id, &object, [&source.keys, &to.keys]),
            Err(KeyError::Locked(locked)) => Some(locked.to_string()),
            Err(error) => return Err(format!("{PLACE}{id}.age of the destination: {error}")),
        };
        there.insert(id, wrong);
    }
    Ok(Keys { there })
}

fn wrong_with(id: &KeyId, object: &[u8], rings: [&Keyring; 2]) -> Option<String> {
    let mut spoilt = rings.iter().filter_map(|ring| ring.spoilt(id, object));
    spoilt.next().map(|locked| locked.to_string())
}

/// One that is damaged at the source is not copied: the destination may get it from another place.
async fn one(source: &Session, to: &Session, id: &KeyId) -> Result<(), KeyError> {
    let key = key_of(id).map_err(|why| KeyError::Name(id.clone(), why.to_string()))?;
    let there = ObjectId::from(key.clone());
    match to.store.head(&there).await {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let object = match source.keys.object(&*source.store, id).await {
        Ok(object) => object,
        Err(KeyError::Locked(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    if wrong_with(id, &object, [&source.keys, &to.keys]).is_some() {
        return Ok(());
    }
    let put = to
        .store
        .put(&key, Bytes::from(object.clone()), PutOptions::default());
    match put.await {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        answer => answer?,
    };
    match to.keys.object(&*to.store, id).await? == object {
        true => Ok(()),
        false => Err(KeyError::NotKept(id.clone())),
    }
}

impl Keys {
    /// Whether what a snapshot of the source is encrypted with is at the destination.
    ///
    /// Errors: it is not, or that is not known.
    pub(super) async fn has_that_of(
        &self,
        source: &Session,
        snapshot: &Snapshot,
        all: &AllMetadata,
    ) -> Result<(), Failure> {
        let why = match encrypted_with(source, snapshot, all).await {
            // Another program has encrypted it, for somebody.
            EncryptedWith::Nothing | EncryptedWith::Unnamed => return Ok(()),
            EncryptedWith::Unknown(why) => {
                format!("with which key it is encrypted is not known: {why}")
            }
            EncryptedWith::Key(id) => match self.there.get(&id) {
                Some(None) => return Ok(()),
                Some(Some(wrong)) => format!("at the destination, {wrong}"),
                None => format!(
                    "its key {PLACE}{id}.age is whole neither at the source nor at the destination: bring it back from another copy of \
                     the store"
                ),
            },
        };
        Err(Failure::WithoutKey(why))
    }
}
