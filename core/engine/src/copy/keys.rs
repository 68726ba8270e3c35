//! The keys of a source, which go before the objects that need them.

use futures::TryStreamExt;
use snapstore::{Bytes, ErrorKind, ListRequest, ObjectId, PutOptions, Snapstore, SnapstoreExt};

use crate::encryption::{PLACE, id_of};

/// Copies every key that the destination does not have, and reads it back. One that is there stays as it is: both open it who may, and a
/// rotation there counts. The number of keys that were copied.
///
/// Errors: a sentence that says which key did not come, and why.
pub(super) async fn bring(source: &dyn Snapstore, to: &dyn Snapstore) -> Result<usize, String> {
    let listed = source.list_all(ListRequest::under(PLACE)).await;
    let listed = listed.map_err(|error| format!("the keys of the source: {error}"))?;
    let mut copied = 0;
    for object in listed {
        if id_of(&object.id.key).is_none() {
            continue;
        }
        let brought = one(source, to, &object.id).await;
        copied += usize::from(brought.map_err(|error| format!("{}: {error}", object.id.key))?);
    }
    Ok(copied)
}

async fn one(source: &dyn Snapstore, to: &dyn Snapstore, id: &ObjectId) -> snapstore::Result<bool> {
    let there = ObjectId::from(id.key.clone());
    match to.head(&there).await {
        Ok(_) => return Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let key = read(source, id).await?;
    let put = to.put(&id.key, Bytes::from(key.clone()), PutOptions::default());
    match put.await {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        answer => answer?,
    };
    match read(to, &there).await? == key {
        true => Ok(true),
        false => {
            let why = "what was written is not what the store gives back";
            Err(snapstore::Error::new(ErrorKind::Unexpected, "put", why))
        }
    }
}

async fn read(store: &dyn Snapstore, id: &ObjectId) -> snapstore::Result<Vec<u8>> {
    let download = store.get(id, None).await?;
    let pieces: Vec<_> = download.body.try_collect().await?;
    Ok(pieces.concat())
}
