use snapstore::Snapstore;

use super::error::Error;
use crate::backups::metadata::{Metadata, MetadataError, ReadError, metadata_key, read, write};
use crate::encryption::Keyring;

/// The same, if it is what would be read: what would be refused then is not written.
pub(crate) fn readable(metadata: Metadata, keys: &Keyring) -> Result<Metadata, MetadataError> {
    Metadata::parse(&metadata.told(keys).to_json()?)
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
