use snapstore::{ErrorKind, Key, ObjectId, Snapstore};

use super::error::Error;
use crate::backups::metadata::{Metadata, MetadataError, ReadError, metadata_key, read, write};
use crate::encryption::Keyring;

/// The same, if it is what would be read: what would be refused then is not written.
pub(crate) fn readable(metadata: Metadata, keys: &Keyring) -> Result<Metadata, MetadataError> {
    Metadata::parse(&metadata.told(keys).to_json()?)
}

/// Removes what a run that was stopped has noted of an object that never came to be, if that is not what is noted now: a name without a
/// random part is the same in the next run, and what is encrypted never is.
pub(crate) async fn forget_stopped(
    store: &dyn Snapstore,
    key: &Key,
    metadata: &Metadata,
) -> Result<(), ReadError> {
    let found = read(store, &metadata.snapshot).await?;
    if found.is_none_or(|found| found == *metadata) {
        return Ok(());
    }
    match store.head(&ObjectId::from(key.clone())).await {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        // Whoever has written it has described it too.
        Ok(_) => return Ok(()),
        Err(error) => return Err(ReadError::Store(error)),
    }
    let place = metadata_key(&metadata.snapshot).map_err(|why| ReadError::Name {
        name: metadata.snapshot.clone(),
        why: why.to_string(),
    })?;
    Ok(store.delete(&ObjectId::from(place)).await?)
}

/// Writes metadata and reads it back: a full whose metadata cannot be read may be of any lineage, and nobody could say which
/// state is the newest.
pub(crate) async fn note<E: From<Error> + From<ReadError>>(
    store: &dyn Snapstore,
    metadata: &Metadata,
) -> Result<(), E> {
    write(store, metadata).await?;
    let found = read(store, &metadata.snapshot).await;
    let why = match found {
        Ok(Some(found)) if found == *metadata => return Ok(()),
        Ok(Some(_)) => "it reads otherwise".to_owned(),
        Ok(None) => "it is not there".to_owned(),
        Err(ReadError::Unreadable { why, .. }) => why.to_string(),
        Err(error) => return Err(error.into()),
    };
    let key = metadata_key(&metadata.snapshot);
    let key = key.map_err(|error| Error::Name(error.to_string()))?;
    Err(Error::Damaged { key, why }.into())
}
