use std::ops::Range;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use snapstore::{Download, Error, ObjectId, ObjectMeta, Result, VersionId};
use snapstore_cloud::http::{extent_of, is_about_an_object, odd};
use snapstore_cloud::read::{Ask, exactly, listed, nothing};

use crate::answer::time;
use crate::client::Client;
use crate::customer_key::WithKey;
use crate::error::{broken_body, from_sdk, is_without_reason};
use crate::list::Listing;

/// Where one object is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) name: &'a str,
    pub(crate) id: &'a ObjectId,
    /// Whether the store speaks of versions. A bucket may have some all the same (suspended, or we
    /// may not know of it): to name them would promise what is not kept.
    pub(crate) versions: bool,
    pub(crate) listing: Listing<'a>,
}

impl Address<'_> {
    pub(crate) fn version(&self) -> Option<String> {
        self.id.version.as_ref().map(|version| version.0.clone())
    }

    /// The object with the version that an answer names. `null` is the version of what was written
    /// without versions: none.
    pub(crate) fn known(&self, version: Option<&str>) -> ObjectId {
        let told = version.filter(|version| self.versions && !matches!(*version, "null" | ""));
        ObjectId {
            key: self.id.key.clone(),
            version: told
                .map(|version| VersionId(version.to_owned()))
                .or(self.id.version.clone()),
        }
    }
}

/// The object's head as S3 has it.
pub(crate) async fn head(
    s3: &Client,
    at: Address<'_>,
    operation: &'static str,
) -> Result<HeadObjectOutput> {
    let key = s3.customer_key.as_ref();
    let asked = s3
        .sdk
        .head_object()
        .bucket(at.bucket)
        .key(at.name)
        .set_version_id(at.version())
        .with_key(key);
    let failed = match asked.send().await {
        Ok(head) => return Ok(head),
        Err(failed) => failed,
    };
    if !is_without_reason(&failed) {
        return Err(from_sdk(operation, failed));
    }
    let why = why(s3, at, operation).await;
    Err(why.unwrap_or_else(|| from_sdk(operation, failed)))
}

/// What the answer to a head keeps to itself, for want of a body: the same question with a get.
async fn why(s3: &Client, at: Address<'_>, operation: &'static str) -> Option<Error> {
    let asked = s3
        .sdk
        .get_object()
        .bucket(at.bucket)
        .key(at.name)
        .range("bytes=0-0")
        .set_version_id(at.version())
        .with_key(s3.customer_key.as_ref());
    let failed = asked.send().await.err()?;
    let said = failed.code().is_some();
    said.then(|| from_sdk(operation, failed))
}

/// What a head says, in the words of the contract. An object of S3 is excluded by a tag, which a
/// head does not bring; together with the tag the reference sets a delete marker, which hides it.
pub(crate) fn described(head: &HeadObjectOutput, at: Address<'_>) -> Result<ObjectMeta> {
    let size = head
        .content_length()
        .and_then(|size| u64::try_from(size).ok());
    let modified = time(head.last_modified());
    is_about_an_object("head", modified.as_ref(), head.e_tag.as_ref())?;
    Ok(ObjectMeta {
        id: at.known(head.version_id()),
        size: size.ok_or_else(|| odd("head", "it has no length"))?,
        modified,
        etag: head.e_tag().map(str::to_owned),
        retain_until: time(head.object_lock_retain_until_date()),
        excluded: false,
        delete_marker: head.delete_marker().unwrap_or(false),
    })
}

/// The bytes of `range`, or all.
pub(crate) async fn get(
    s3: &Client,
    at: Address<'_>,
    range: Option<Range<u64>>,
) -> Result<Download> {
    let range_header = match Ask::of(range.as_ref()) {
        Ask::Whole => None,
        Ask::Bytes(header) => Some(header),
        Ask::Nothing => return none(s3, at, range).await,
    };
    let key = s3.customer_key.as_ref();
    let asked = s3
        .sdk
        .get_object()
        .bucket(at.bucket)
        .key(at.name)
        .set_range(range_header)
        .set_version_id(at.version())
        .with_key(key);
    match asked.send().await {
        Ok(reply) => match extent(&reply)? {
            Some((range, size)) => download(reply, at, range, size),
            // A proxy sends it on in chunks. How long it is, others know.
            None => {
                let size = listed_size(s3, at).await?;
                download(reply, at, 0..size, size)
            }
        },
        Err(failed) => {
            let status = failed.raw_response().map(|reply| reply.status().as_u16());
            match status {
                // The range begins at the object's end or after it.
                Some(416) => none(s3, at, range).await,
                _ => Err(from_sdk("get", failed)),
            }
        }
    }
}

/// No bytes of an object that is there.
async fn none(s3: &Client, at: Address<'_>, range: Option<Range<u64>>) -> Result<Download> {
    let meta = described(&head(s3, at, "get").await?, at)?;
    Ok(nothing(meta, range.map_or(0, |range| range.start)))
}

/// Which bytes the body holds, and how many there are; `None` if the answer has no length.
fn extent(reply: &GetObjectOutput) -> Result<Option<(Range<u64>, u64)>> {
    let length = match reply.content_length() {
        Some(length) => {
            let known = u64::try_from(length).ok();
            Some(known.ok_or_else(|| odd("get", format!("Content-Length {length}")))?)
        }
        None => None,
    };
    extent_of(length, reply.content_range())
}

/// How long an object is, by the listing; of a version that is not the current one, by its head.
async fn listed_size(s3: &Client, at: Address<'_>) -> Result<u64> {
    if at.id.version.is_some() {
        return Ok(described(&head(s3, at, "get").await?, at)?.size);
    }
    let list = |request| async move { at.listing.current(s3, &request).await };
    Ok(listed(&at.id.key, list).await?.size)
}

fn download(
    reply: GetObjectOutput,
    at: Address<'_>,
    range: Range<u64>,
    size: u64,
) -> Result<Download> {
    let length = range.end - range.start;
    let modified = time(reply.last_modified());
    is_about_an_object("get", modified.as_ref(), reply.e_tag.as_ref())?;
    let meta = ObjectMeta {
        id: at.known(reply.version_id()),
        size,
        modified,
        etag: reply.e_tag().map(str::to_owned),
        retain_until: time(reply.object_lock_retain_until_date()),
        excluded: false,
        delete_marker: reply.delete_marker().unwrap_or(false),
    };
    let pieces = futures::stream::try_unfold(reply.body, |mut body| async move {
        let piece = body.try_next().await.map_err(broken_body)?;
        Ok(piece.map(|piece| (piece, body)))
    });
    Ok(Download {
        meta,
        range,
        body: exactly(length, &at.id.key, pieces),
    })
}
