//! With which key an object is encrypted.

use std::io::{BufReader, Cursor};

use futures::TryStreamExt;

use super::catalogue::Snapshot;
use super::metadata::AllMetadata;
use crate::encryption::{KeyId, key_named_in};
use crate::session::Session;

/// More than the header of an object that this program has written.
const HEADER: u64 = 4 << 10;

/// What is known of the key of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EncryptedWith {
    /// It is not encrypted.
    Nothing,
    /// With this one.
    Key(KeyId),
    /// It was encrypted by another program, for somebody.
    Unnamed,
    /// That is not known.
    Unknown(String),
}

/// What its metadata says, or else its header. Nothing that cannot be undone may rest on this.
pub(crate) async fn encrypted_with(
    session: &Session,
    snapshot: &Snapshot,
    all: &AllMetadata,
) -> EncryptedWith {
    if !snapshot.name.encoding.is_encrypted() {
        return EncryptedWith::Nothing;
    }
    let metadata = all.by_snapshot.get(snapshot.key().file_name());
    if let Some(encryption) = metadata.and_then(|metadata| metadata.encryption.as_ref()) {
        return EncryptedWith::Key(encryption.key.clone());
    }
    named_in_header(session, snapshot).await
}

/// What its header says, which nobody changes without being found out. Metadata may be wrong.
pub(crate) async fn named_in_header(session: &Session, snapshot: &Snapshot) -> EncryptedWith {
    if !snapshot.name.encoding.is_encrypted() {
        return EncryptedWith::Nothing;
    }
    let begin = match begin(session, snapshot).await {
        Ok(begin) => begin,
        Err(error) => return EncryptedWith::Unknown(error.to_string()),
    };
    match key_named_in(BufReader::new(Cursor::new(begin))) {
        Ok(Some(id)) => EncryptedWith::Key(id),
        Ok(None) => EncryptedWith::Unnamed,
        Err(error) => EncryptedWith::Unknown(error.to_string()),
    }
}

async fn begin(session: &Session, snapshot: &Snapshot) -> snapstore::Result<Vec<u8>> {
    let range = 0..snapshot.size.min(HEADER);
    let download = session.store.get(&snapshot.id, Some(range)).await?;
    let pieces: Vec<_> = download.body.try_collect().await?;
    Ok(pieces.concat())
}
