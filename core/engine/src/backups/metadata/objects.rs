//! Metadata in a store: read, written once, and amended by marks.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};
use snapstore::{
    Bytes, Download, Error, ErrorKind, Key, ListRequest, ObjectId, PutOptions, Snapstore,
    SnapstoreExt,
};

use super::document::{MAX_BYTES, Metadata, MetadataError};
use super::key::{PLACE, metadata_key, snapshot_of};

/// How many objects are read at once.
const AT_ONCE: usize = 16;

/// Why metadata was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The store did not answer, or refused.
    #[error(transparent)]
    Store(#[from] Error),
    /// What stands there is no metadata of that snapshot.
    #[error("{key}: {why}")]
    Unreadable {
        /// Where.
        key: Key,
        /// Why.
        why: MetadataError,
    },
    /// The name is none that metadata can be about.
    #[error("{name:?} has no metadata: {why}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        why: String,
    },
    /// Other metadata of the same snapshot is there already.
    #[error("{0} is there already and says something else: two programs wrote one snapshot")]
    Taken(Key),
}

type Result<T> = std::result::Result<T, ReadError>;

/// The metadata of every snapshot of a store.
#[derive(Debug, Default)]
pub struct AllMetadata {
    /// By the name of the snapshot. What is not in it has none.
    pub by_snapshot: BTreeMap<String, Metadata>,
    /// What stands where metadata does and is none that this version reads, by the name of the snapshot.
    pub unreadable: BTreeMap<String, ReadError>,
    /// Objects among them that are about no snapshot.
    pub unrecognized: Vec<Key>,
}

/// The metadata of a snapshot; `None` where it has none.
///
/// Errors: what the store says, and `Unreadable`.
pub async fn read(store: &dyn Snapstore, snapshot: &str) -> Result<Option<Metadata>> {
    let key = key(snapshot)?;
    let download = match store.get(&ObjectId::from(key.clone()), None).await {
        Ok(download) => download,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let unreadable = |why| ReadError::Unreadable {
        key: key.clone(),
        why,
    };
    let body = match bounded(download).await? {
        Ok(body) => body,
        Err(length) => return Err(unreadable(MetadataError::Long(length))),
    };
    let metadata = Metadata::parse(&body).map_err(unreadable)?;
    match metadata.snapshot == snapshot {
        true => Ok(Some(metadata)),
        false => Err(unreadable(MetadataError::Other(metadata.snapshot))),
    }
}

/// Every metadata object of a store. One that cannot be read is among the unreadable; that the store fails is an
/// error.
pub async fn read_all(store: &dyn Snapstore) -> Result<AllMetadata> {
    let mut all = AllMetadata::default();
    let mut names = Vec::new();
    for object in store.list_all(ListRequest::under(PLACE)).await? {
        match snapshot_of(&object.id.key) {
            Some(name) => names.push(name.to_owned()),
            None => all.unrecognized.push(object.id.key),
        }
    }
    let reads = names.into_iter().map(async |name| {
        let metadata = read(store, &name).await;
        (name, metadata)
    });
    let mut reads = futures::stream::iter(reads).buffer_unordered(AT_ONCE);
    while let Some((name, metadata)) = reads.next().await {
        match metadata {
            Ok(Some(metadata)) => drop(all.by_snapshot.insert(name, metadata)),
            // Deleted since it was listed.
            Ok(None) => {}
            Err(error @ ReadError::Store(_)) => return Err(error),
            Err(error) => drop(all.unreadable.insert(name, error)),
        }
    }
    Ok(all)
}

/// Writes the metadata of a snapshot that was just stored. A mark that somebody has set meanwhile stays; the same
/// metadata again, after a reply that was lost, is a success.
///
/// Errors: `Taken` where other metadata is there.
pub async fn write(store: &dyn Snapstore, metadata: &Metadata) -> Result<()> {
    let key = key(&metadata.snapshot)?;
    match put(store, &key, metadata, PutOptions::default()).await {
        Err(ReadError::Store(error)) if error.kind() == ErrorKind::AlreadyExists => {}
        done => return done,
    }
    let Some(found) = read(store, &metadata.snapshot).await? else {
        // Deleted between the two: once more, and what is found then is an answer.
        return put(store, &key, metadata, PutOptions::default()).await;
    };
    let marked = Metadata {
        keep: found.keep || metadata.keep,
        proof: found.proof.clone().or_else(|| metadata.proof.clone()),
        ..metadata.clone()
    };
    let bare = Metadata::of(&metadata.snapshot).map_err(|why| ReadError::Unreadable {
        key: key.clone(),
        why,
    })?;
    match found {
        _ if found == marked => Ok(()),
        _ if without_marks(&found) == bare => {
            put(store, &key, &marked, PutOptions::overwrite()).await
        }
        _ => Err(ReadError::Taken(key)),
    }
}

/// Sets or takes back marks (`keep`, `proof`): reads the metadata of a snapshot, or begins one where there is none, and
/// replaces it. Whoever writes at the same moment may win: read it again to be sure.
pub async fn amend(
    store: &dyn Snapstore,
    snapshot: &str,
    change: impl FnOnce(&mut Metadata) + Send,
) -> Result<Metadata> {
    let key = key(snapshot)?;
    let found = read(store, snapshot).await?;
    let begun = Metadata::of(snapshot).map_err(|why| ReadError::Unreadable {
        key: key.clone(),
        why,
    })?;
    let before = found.unwrap_or(begun);
    let mut after = before.clone();
    change(&mut after);
    if after != before {
        put(store, &key, &after, PutOptions::overwrite()).await?;
    }
    Ok(after)
}

fn without_marks(metadata: &Metadata) -> Metadata {
    Metadata {
        keep: false,
        proof: None,
        ..metadata.clone()
    }
}

async fn put(
    store: &dyn Snapstore,
    key: &Key,
    metadata: &Metadata,
    options: PutOptions,
) -> Result<()> {
    let json = metadata.to_json().map_err(|why| ReadError::Unreadable {
        key: key.clone(),
        why,
    })?;
    store.put(key, Bytes::from(json), options).await?;
    Ok(())
}

fn key(snapshot: &str) -> Result<Key> {
    metadata_key(snapshot).map_err(|why| ReadError::Name {
        name: snapshot.to_owned(),
        why: why.to_string(),
    })
}

/// The body, or how long it is where no metadata is.
async fn bounded(download: Download) -> snapstore::Result<std::result::Result<Vec<u8>, u64>> {
    let length = download.range.end - download.range.start;
    if length > MAX_BYTES as u64 {
        return Ok(Err(length));
    }
    let mut body = Vec::new();
    let mut pieces = download.body;
    while let Some(piece) = pieces.try_next().await? {
        body.extend_from_slice(&piece);
        if body.len() > MAX_BYTES {
            return Ok(Err(body.len() as u64));
        }
    }
    Ok(Ok(body))
}
