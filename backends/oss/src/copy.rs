//! Copies that OSS makes by itself: a multipart upload whose parts are those of another object of the region.

use std::ops::Range;
use std::sync::Arc;

use http::Method;
use snapstore::{Copied, Key, Original, PartReceipt, PutMode, Result, SameContent, UploadOptions};
use snapstore_cloud::http::{broken, odd, text};
use snapstore_cloud::{Keyspace, copied_in_parts, copy_ranges, limits_of_copies};

use crate::bucket::Bucket;
use crate::client::{Client, path};
use crate::read::head;
use crate::upload::{OssUpload, stored};
use crate::xml::{self, CopiedPart};

/// The object that is copied.
struct Source {
    bucket: String,
    name: String,
    etag: String,
    size: u64,
}

/// Makes `key` of the original.
pub(crate) async fn copy(
    bucket: &Arc<Bucket>,
    original: &Original,
    key: &Key,
    mode: PutMode,
) -> Result<Copied> {
    let object = &original.object;
    let etag = object.etag.clone();
    let source = Source {
        bucket: original.location.bucket.clone(),
        name: Keyspace::of(&original.location).name(&object.id.key),
        etag: etag.ok_or_else(|| odd("copy", "the original has no etag"))?,
        size: object.size,
    };
    let limits = limits_of_copies(&bucket.capabilities)?;
    let ranges = copy_ranges(source.size, None, limits);
    // OSS says it of an object, however many parts that was put in.
    let crc = async |oss: Arc<Client>| {
        let at = bucket.address(&source.name, &object.id.key);
        head(&oss.for_bucket(&source.bucket), at, "copy").await
    };
    let headers = bucket.client.call(Some(key), crc).await?;
    if text(&headers, "etag") != Some(&source.etag) {
        return Err(odd("copy", "the original was written anew"));
    }
    let options = UploadOptions {
        mode,
        part_size: *limits.part_size.end(),
    };
    let upload = OssUpload::start(bucket.clone(), key, options).await?;
    let parts = (1..).zip(ranges);
    let parts = parts.map(|(number, range)| part(&upload, &source, number, range));
    let (meta, _) = copied_in_parts(&upload, key, parts).await?;
    let name = bucket.keys.name(key);
    let look = async |oss: Arc<Client>| head(&oss, bucket.address(&name, key), "copy").await;
    let made = bucket.client.call(Some(key), look).await?;
    Ok(Copied {
        meta,
        content: SameContent::of(stored(&headers), stored(&made)),
    })
}

/// The bytes `range` of the original as a part.
async fn part(
    upload: &OssUpload,
    source: &Source,
    number: u32,
    range: Range<u64>,
) -> Result<PartReceipt> {
    let part = async |oss: Arc<Client>| {
        let mut call = upload
            .call("copy", Method::PUT)
            .with("partNumber", number.to_string())
            .with("uploadId", &upload.upload_id)
            .header("x-oss-copy-source", path(&source.bucket, &source.name))
            .header("x-oss-copy-source-if-match", &source.etag);
        if range != (0..source.size) {
            let bytes = format!("bytes={}-{}", range.start, range.end - 1);
            call = call.header("x-oss-copy-source-range", bytes);
        }
        let body = oss.send(call).await?.bytes().await;
        let body = body.map_err(|error| broken("copy", error))?;
        xml::parse::<CopiedPart>("copy", xml::COPIED_PART, &body)
    };
    let copied = upload.bucket.client.call(Some(&upload.key), part).await?;
    Ok(PartReceipt {
        number,
        token: copied.etag,
    })
}
