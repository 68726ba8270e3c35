//! Copies that Swift makes by itself, within one account ("Copy object", Object Storage API).
//!
//! A large object is a name for parts that lie elsewhere, and a copy of the name alone would be lost with them: each of
//! the parts that we or the reference have made is copied, and gets a name of its own.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::HeaderMap;
use snapstore::{
    Copied, Error, ErrorKind, Key, ObjectMeta, Original, PutMode, Result, SameContent,
    UploadOptions,
};
use snapstore_cloud::http::{absent, length, odd, text};
use snapstore_cloud::{Keyspace, copied_in_parts, nonce};

use crate::bucket::{Bucket, LARGEST, MOST_PARTS};
use crate::client::{Client, send};
use crate::layout::{encoded, parts_of_manifest};
use crate::list::Entry;
use crate::object::{Address, FRESH, FROM, MANIFEST, MARK, described, head};
use crate::upload::SwiftUpload;
use crate::{parts, remove};

/// Of an object whose parts are listed in it. Swift makes one object of them.
const STATIC: &str = "x-static-large-object";

/// The object that is copied.
struct Source {
    container: String,
    name: String,
}

/// Makes `key` of the original.
pub(crate) async fn copy(
    bucket: &Arc<Bucket>,
    original: &Original,
    key: &Key,
    mode: PutMode,
) -> Result<Copied> {
    let object = &original.object;
    let source = Source {
        container: original.location.bucket.clone(),
        name: Keyspace::of(&original.location).name(&object.id.key),
    };
    let look = async |swift: Arc<Client>| {
        let at = Address {
            container: &source.container,
            name: &source.name,
            key: &object.id.key,
            keys: &bucket.keys,
        };
        let headers = head(&swift, at, "copy").await?;
        let parts = listed_parts(&swift, &source, &headers).await?;
        Ok((headers, parts))
    };
    let (headers, parts) = bucket.client.call(Some(key), look).await?;
    let found = described(&headers, &object.id.key, length(&headers)?)?;
    if found.etag.is_none() || found.etag != object.etag || found.size != object.size {
        return Err(odd("copy", "the original was written anew"));
    }
    match parts {
        Some(parts) => of_parts(bucket, &source, &parts, (key, mode)).await,
        None => whole(bucket, &source, &headers, (key, mode)).await,
    }
}

/// The parts of a large object, where Swift has the MD5 of each.
async fn listed_parts(
    swift: &Client,
    source: &Source,
    headers: &HeaderMap,
) -> Result<Option<Vec<Entry>>> {
    let manifest = text(headers, MANIFEST);
    let manifest = manifest.and_then(|named| parts_of_manifest(&source.container, named));
    let Some(below) = manifest else {
        return Ok(None);
    };
    let found = parts::below(swift, "copy", &source.container, &below).await?;
    let size = found
        .iter()
        .map(|part| part.bytes.filter(|_| part.hash.is_some()));
    let size: Option<u64> = size.sum();
    // Otherwise it has others beside them, and Swift makes one object of all.
    let is_all = size == Some(length(headers)?) && found.len() <= MOST_PARTS as usize;
    Ok(is_all.then_some(found))
}

/// Each part on its own.
async fn of_parts(
    bucket: &Arc<Bucket>,
    source: &Source,
    parts: &[Entry],
    (key, mode): (&Key, PutMode),
) -> Result<Copied> {
    let options = UploadOptions {
        mode,
        part_size: LARGEST,
    };
    refuse_taken(bucket, key, mode).await?;
    let upload = SwiftUpload::start(bucket.clone(), key, options).await?;
    let mut copies = Vec::new();
    for (number, part) in (1..).zip(parts) {
        let from = format!("{}/{}", encoded(&source.container), encoded(&part.name));
        copies.push(upload.copy_part(number, from, part));
    }
    // The end looks at the MD5 of each part, which the receipts have from the listing of the originals.
    let (meta, _) = copied_in_parts(&upload, key, copies.into_iter()).await?;
    Ok(Copied {
        meta,
        content: SameContent::ByChecksum,
    })
}

/// In one request. Swift makes one object of a large one whose parts are not copied one by one.
async fn whole(
    bucket: &Arc<Bucket>,
    source: &Source,
    headers: &HeaderMap,
    (key, mode): (&Key, PutMode),
) -> Result<Copied> {
    refuse_taken(bucket, key, mode).await?;
    let name = bucket.keys.name(key);
    let at = bucket.address(&name, key);
    let from = format!("{}/{}", encoded(&source.container), encoded(&source.name));
    let copy = async |swift: Arc<Client>| {
        if mode == PutMode::Overwrite
            && let Some(headers) = absent(head(&swift, at, "copy").await)?
        {
            remove::note_for_deletion(bucket, &swift, "copy", &name, &headers).await?;
        }
        let request = swift
            .request("copy", Method::PUT, &bucket.name, &name)?
            .header(FROM, &from)
            .header(FRESH, "true")
            .header(MARK, nonce())
            .header("content-length", 0);
        send("copy", request).await?;
        let pending_deletions = &bucket.pending_deletions;
        let removed = pending_deletions.remove(&swift, "copy", &bucket.name, &name);
        removed.await?;
        head(&swift, at, "copy").await
    };
    let made = bucket.client.call(Some(key), copy).await?;
    let is_plain = [MANIFEST, STATIC]
        .iter()
        .all(|large| text(headers, large).is_none());
    let md5 = |meta: &ObjectMeta| meta.etag.clone().filter(|_| is_plain);
    let original = described(headers, key, length(headers)?)?;
    let meta = described(&made, key, length(&made)?)?;
    let content = SameContent::of(md5(&original), md5(&meta));
    Ok(Copied { meta, content })
}

/// Swift would hold `If-None-Match` against the original too, so it is looked first. Of two writers at once both may see
/// nothing, as with all that Swift stores ([`Bucket::open`]).
async fn refuse_taken(bucket: &Arc<Bucket>, key: &Key, mode: PutMode) -> Result<()> {
    if mode == PutMode::Overwrite {
        return Ok(());
    }
    let name = bucket.keys.name(key);
    let look =
        async |swift: Arc<Client>| absent(head(&swift, bucket.address(&name, key), "copy").await);
    match bucket.client.call(Some(key), look).await? {
        None => Ok(()),
        Some(_) => Err(Error::new(
            ErrorKind::AlreadyExists,
            "copy",
            "an object of this name is there",
        )
        .with_key(key)),
    }
}
