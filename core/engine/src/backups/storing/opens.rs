//! Whether what was stored encrypted can be decrypted, found out before it counts as stored. The writer has the key of the chain, and
//! needs no identity for that.

use std::io::Read;
use std::sync::Arc;

use snapstore::{Key, ObjectId, Snapstore};

use super::error::{Error, Result};
use super::sparse::Sparse;
use super::waits::Waits;
use crate::backups::name::SnapshotName;
use crate::encryption::{self, ChainKey, KeyError, Keyring, Sealer, open};

/// What is read of a large object from its beginning, and from its end: more than its header and one chunk of 64 KiB.
const PIECE: u64 = 160 << 10;

/// Whether an object begins a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is a full.
    Begins,
    /// It is a delta.
    GoesOn,
}

/// The key for an object, which is in the store when this returns; `None` where nothing is encrypted.
pub(crate) async fn key_for(
    store: &dyn Snapstore,
    keys: &Keyring,
    (object, place): (&Key, Place),
) -> Result<Option<Arc<ChainKey>>> {
    if !keys.encrypts() {
        return Ok(None);
    }
    let with = match place {
        Place::Begins => keys.begin_chain(),
        Place::GoesOn => keys.go_on(),
    };
    let with = with.map_err(Error::Encrypt)?;
    keep(store, keys, (object, &with)).await?;
    Ok(Some(with))
}

/// Sees to it that the key of an object is in the store.
pub(crate) async fn keep(
    store: &dyn Snapstore,
    keys: &Keyring,
    (object, with): (&Key, &ChainKey),
) -> Result<()> {
    let kept = keys.keep(store, with.id()).await;
    kept.map_err(|source| match source {
        KeyError::Store(source) => Error::Store {
            key: encryption::key_of(with.id()).unwrap_or_else(|_| object.clone()),
            source,
        },
        source => Error::NoKey {
            key: object.clone(),
            source,
        },
    })
}

/// What encrypts the object that is to stand there.
pub(crate) fn sealer(object: &Key, with: &ChainKey) -> Result<Sealer> {
    Sealer::new(with, &encrypted_as(object)?).map_err(Error::Encrypt)
}

fn encrypted_as(object: &Key) -> Result<String> {
    let name = SnapshotName::parse(object.file_name());
    let name = name.map_err(|error| Error::Name(error.to_string()))?;
    Ok(name.encrypted_as())
}

/// Reads the beginning and the end of an object back, and decrypts both: header, key, the first chunk, and the last one with the mark
/// that it is the last. What is between them has arrived if as many bytes have, and their checksum. A small object is read whole.
/// Its key is looked for once more: it may have gone while the object was on its way.
pub(crate) async fn opens(
    (store, keys): (&dyn Snapstore, &Keyring),
    (object, size): (&Key, u64),
    with: Option<&Arc<ChainKey>>,
    waits: Waits<'_>,
) -> Result<()> {
    let Some(with) = with else {
        return Ok(());
    };
    let id = ObjectId::from(object.clone());
    let reading = Sparse::read(store, &id, size, PIECE);
    let read = waits.until(reading).await?;
    let read = read.map_err(|source| Error::Unproven {
        key: object.clone(),
        source,
    })?;
    let name = encrypted_as(object)?;
    let tried = open(read, &name, |_| Ok(vec![with.clone()])).and_then(|mut content| {
        content.read_exact(&mut [0; 1])?;
        content.check_end()
    });
    tried.map_err(|error| Error::DoesNotOpen {
        key: object.clone(),
        why: error.to_string(),
    })?;
    waits.until(keep(store, keys, (object, with))).await?
}

#[cfg(test)]
#[path = "opens_tests.rs"]
mod tests;
