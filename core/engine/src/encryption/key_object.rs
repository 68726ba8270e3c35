//! Where keys stand in a store.

use futures::TryStreamExt;
use snapstore::{Bytes, ErrorKind, Key, KeyError as NameError, ObjectId, PutOptions, Snapstore};

use super::error::{KeyError, Locked};
use super::header_limit;
use super::key_id::KeyId;

/// What the names of keys begin with. etcd-backup-restore looks only at what has `v1/` or `v2/` in it.
pub const PLACE: &str = "keys/";
const SUFFIX: &str = ".age";

/// The longest object of a key, in bytes: its header, and what is encrypted.
const LONGEST: u64 = header_limit::LONGEST as u64 + 4096;

/// Where a key stands.
pub fn key_of(id: &KeyId) -> Result<Key, NameError> {
    Key::new(format!("{PLACE}{id}{SUFFIX}"))
}

/// The key that stands there; `None` where none does.
pub fn id_of(key: &Key) -> Option<KeyId> {
    let id = key.as_str().strip_prefix(PLACE)?.strip_suffix(SUFFIX)?;
    id.parse().ok()
}

fn place(id: &KeyId) -> Result<Key, KeyError> {
    key_of(id).map_err(|error| KeyError::Name(id.clone(), error.to_string()))
}

/// The object of a key.
///
/// Errors: what the store says, and that it is gone, or too long to be one.
pub(super) async fn read(store: &dyn Snapstore, id: &KeyId) -> Result<Vec<u8>, KeyError> {
    let object = ObjectId::from(place(id)?);
    let download = match store.get(&object, None).await {
        Ok(download) => download,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Locked::Missing(id.clone()).into());
        }
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::new();
    let mut body = download.body;
    while let Some(piece) = body.try_next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > LONGEST {
            let why = "it is longer than a key is".to_owned();
            let key = id.clone();
            return Err(Locked::Spoilt { key, why }.into());
        }
    }
    Ok(bytes)
}

/// Puts the object of a key there, and reads it back.
pub(super) async fn write(
    store: &dyn Snapstore,
    id: &KeyId,
    (object, how): (&[u8], PutOptions),
) -> Result<(), KeyError> {
    let bytes = Bytes::copy_from_slice(object);
    let answer = store.put(&place(id)?, bytes, how).await;
    match (read(store, id).await, answer) {
        (Ok(found), _) if found == object => Ok(()),
        (_, Err(refused)) => Err(refused.into()),
        (Err(error), Ok(_)) => Err(error),
        (Ok(_), Ok(_)) => Err(KeyError::NotKept(id.clone())),
    }
}
