//! One delta of several, on its way into the store and back.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use sha2::{Digest, Sha256};
use snapstore::{Bytes, ObjectId, Sending, send};

use super::events::Events;
use super::request::Leveling;
use crate::backups::encoder::Encoder;
use crate::backups::metadata::{Encryption, Metadata, Previous};
use crate::backups::storing::{
    self, Arrival, Place, Sent, Waits, forget_stopped, key_for, key_of, note, opens, prove,
    readable, sealer,
};
use crate::backups::{Compression, Encoding, Kind, Noted, Snapshot, SnapshotName};
use crate::compact::error::{Error, Result};
use crate::compact::secrecy::stays_secret;
use crate::compact::spoilt::taken_back;
use crate::encryption::{KeyId, Sealer};
use crate::session::Session;

/// Writes the delta that holds what the parts do, and gives it as the store lists it.
pub(super) async fn write(
    session: &Session,
    leveling: &Leveling,
    parts: &[(Snapshot, Events)],
) -> Result<Snapshot> {
    let (Some((first, _)), Some((last, _))) = (parts.first(), parts.last()) else {
        return Err(Error::FailedCheck("no delta was to be merged".to_owned()));
    };
    stays_secret(session, parts.iter().map(|(part, _)| part))?;
    let of_last = || last.name.encoding.plain().unwrap_or(Compression::Gzip);
    let compression = leveling.compression.unwrap_or_else(of_last);
    let name = SnapshotName {
        kind: Kind::Delta,
        first: first.name.first,
        last: last.name.last,
        // No event in it was seen later.
        created: last.name.created,
        encoding: Encoding::written(compression, &session.keys),
        is_final: false,
    };
    let key = key_of(&name)?;
    let with = key_for(&*session.store, &session.keys, (&key, Place::GoesOn)).await?;
    let encoder = Encoder::new(compression, leveling.level);
    let sealer = with.as_ref().map(|with| sealer(&key, with)).transpose()?;
    let content = content(parts, encoder, sealer)?;
    let metadata = described(session, &name, &content, (first, last)).await?;
    forget_stopped(&*session.store, &key, &metadata).await?;
    note::<Error>(&*session.store, &metadata).await?;
    let body = stream::iter([Ok(content.object.clone())]);
    let answer = send(&*session.store, &key, body, Sending::default()).await;
    let waits = Waits {
        clock: &*session.clock,
        stall: Duration::MAX,
        cancel: &session.cancel,
    };
    let sent = Sent {
        key: &key,
        size: content.object.len() as u64,
        sha256: content.stored_sha256,
        wanted: Arrival::Size,
    };
    let size = sent.size;
    let proven = async {
        prove(&*session.store, sent, answer, waits).await?;
        let place = (&*session.store, &*session.keys);
        opens(place, (&key, size), with.as_ref(), waits).await
    };
    if let Err(error) = proven.await {
        return Err(taken_back(&*session.store, error.into()).await);
    }
    Ok(Snapshot {
        name,
        id: ObjectId::from(key),
        size,
        modified: None,
        etag: None,
        retain_until: None,
        noted: Some(Arc::new(Noted::of(&metadata))),
    })
}

/// An object, and what is known of it.
struct Content {
    object: Bytes,
    stored_sha256: [u8; 32],
    json: u64,
    json_sha256: [u8; 32],
    key: Option<KeyId>,
}

fn content(
    parts: &[(Snapshot, Events)],
    mut encoder: Encoder,
    sealer: Option<Sealer>,
) -> Result<Content> {
    let key = sealer.as_ref().map(|sealer| sealer.key().clone());
    let (mut hash, mut json) = (Sha256::new(), 0_u64);
    let mut write = |bytes: &[u8]| {
        hash.update(bytes);
        json += bytes.len() as u64;
        encoder.write_all(bytes).map_err(storing::Error::Encode)
    };
    write(b"[")?;
    let lists = parts.iter().map(|(_, events)| &events.list);
    for (place, list) in lists.filter(|list| !list.is_empty()).enumerate() {
        if place > 0 {
            write(b",")?;
        }
        write(list)?;
    }
    write(b"]")?;
    let json_sha256: [u8; 32] = hash.finalize().into();
    encoder
        .write_all(&json_sha256)
        .map_err(storing::Error::Encode)?;
    let plain = encoder.finish().map_err(storing::Error::Encode)?;
    let object = match sealer {
        Some(sealer) => sealer.all_of(&plain).map_err(storing::Error::Encrypt)?,
        None => plain,
    };
    let object = Bytes::from(object);
    Ok(Content {
        stored_sha256: Sha256::digest(&object).into(),
        object,
        json,
        json_sha256,
        key,
    })
}

/// What is known of the last part is known of all, but for where it begins.
async fn described(
    session: &Session,
    name: &SnapshotName,
    content: &Content,
    (first, last): (&Snapshot, &Snapshot),
) -> Result<Metadata> {
    let read = async |delta: &Snapshot| {
        crate::backups::metadata::read(&*session.store, delta.key().file_name()).await
    };
    let (of_first, of_last) = (read(first).await?, read(last).await?);
    let begun = Metadata::of(&name.to_string())?;
    let of_last = of_last.unwrap_or_else(|| begun.clone());
    let of_last = of_last.opened(&*session.store, &session.keys).await;
    let previous: Option<Previous> = of_first.as_ref().and_then(|one| one.previous.clone());
    let described = Metadata {
        snapshot: begun.snapshot,
        created: of_last.created,
        raw_bytes: Some(content.json + content.json_sha256.len() as u64),
        raw_sha256: Some(hex::encode(content.json_sha256)),
        stored_bytes: Some(content.object.len() as u64),
        stored_sha256: Some(hex::encode(content.stored_sha256)),
        previous,
        gap: of_first.and_then(|one| one.gap),
        encryption: content.key.as_ref().map(Encryption::with),
        keep: false,
        proof: None,
        ..of_last
    };
    Ok(readable(described, &session.keys)?)
}
