//! Copies that S3 makes by itself: a multipart upload whose parts are those of another object.
//!
//! A copy in one request (CopyObject) would take the place of what is there on every service that does not know
//! `If-None-Match` for it; the end of an upload is what the others keep it for.

use std::ops::Range;
use std::sync::Arc;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use snapstore::{Copied, Key, Original, PartReceipt, PutMode, Result, SameContent};
use snapstore_cloud::http::odd;
use snapstore_cloud::{Keyspace, copied_in_parts, copy_ranges, limits_of_copies};

use crate::answer::Answer;
use crate::bucket::Bucket;
use crate::client::Client;
use crate::customer_key::WithKey;
use crate::error::from_sdk;
use crate::upload::S3Upload;

/// An error may come with status 200, which the SDK knows.
const PART: &[&str] = &["CopyPartResult", "Error"];

/// What a header with an address keeps as it is ("CopySource" in the API reference: URL-encoded).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The object that is copied.
struct Source {
    bucket: String,
    name: String,
    version: Option<String>,
    etag: String,
    size: u64,
}

impl Source {
    fn of(original: &Original) -> Result<Self> {
        let object = &original.object;
        let etag = object.etag.clone();
        Ok(Self {
            bucket: original.location.bucket.clone(),
            name: Keyspace::of(&original.location).name(&object.id.key),
            version: object.id.version.as_ref().map(|version| version.0.clone()),
            // Without it nobody could say that this is the object which was meant.
            etag: etag.ok_or_else(|| odd("copy", "the original has no etag"))?,
            size: object.size,
        })
    }

    /// As the header names it.
    fn header(&self) -> String {
        let name = utf8_percent_encode(&self.name, PLAIN);
        match &self.version {
            Some(version) => format!(
                "{}/{name}?versionId={}",
                self.bucket,
                utf8_percent_encode(version, NON_ALPHANUMERIC)
            ),
            None => format!("{}/{name}", self.bucket),
        }
    }

    /// What S3 says of its first part, and how many it has: an upload in the same parts gets the same etag.
    async fn first_part(&self, s3: &Client) -> Result<HeadObjectOutput> {
        let asked = s3
            .sdk
            .head_object()
            .bucket(&self.bucket)
            .key(&self.name)
            .set_version_id(self.version.clone())
            .part_number(1)
            .if_match(&self.etag)
            .with_key(s3.customer_key.as_ref());
        let head = asked.send().await;
        head.map_err(|failed| from_sdk("copy", failed))
    }
}

/// Makes `key` of the original.
pub(crate) async fn copy(
    bucket: &Arc<Bucket>,
    original: &Original,
    key: &Key,
    mode: PutMode,
) -> Result<Copied> {
    let source = Source::of(original)?;
    let look = async |s3: Arc<Client>| source.first_part(&s3).await;
    let first = bucket.client.call(Some(key), look).await?;
    let count = first
        .parts_count()
        .and_then(|count| u32::try_from(count).ok());
    let length = first
        .content_length()
        .and_then(|length| u64::try_from(length).ok());
    let part = length.filter(|_| count.is_some_and(|count| count > 1));
    let ranges = copy_ranges(source.size, part, limits_of_copies(&bucket.capabilities)?);
    let is_whole = ranges.len() == 1;
    let upload = S3Upload::start(bucket.clone(), key, mode).await?;
    let parts = (1..).zip(ranges).map(|(number, range)| {
        let range = (!is_whole).then_some(range);
        copied_part(&upload, &source, number, range)
    });
    let (meta, parts) = copied_in_parts(&upload, key, parts).await?;
    let made = match parts.as_slice() {
        // The whole has an etag of an upload in parts, its one part that of an object which was put at once.
        [one] if digest(&one.token).is_some_and(|(_, parts)| parts.is_none()) => {
            Some(one.token.clone())
        }
        _ => meta.etag.clone(),
    };
    let content = SameContent::of(digest(&source.etag), made.as_deref().and_then(digest));
    Ok(Copied { meta, content })
}

/// An etag that is an MD5, and of how many parts it is one; `None` for one of another kind, which tells nothing of the
/// content.
fn digest(etag: &str) -> Option<(&str, Option<&str>)> {
    let etag = etag.trim_matches('"');
    let (md5, parts) = match etag.split_once('-') {
        Some((md5, parts)) => (md5, Some(parts)),
        None => (etag, None),
    };
    let is_md5 = md5.len() == 32 && md5.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_md5.then_some((md5, parts))
}

/// The bytes `range` of the original as a part; `None`: all of it, however short it is.
async fn copied_part(
    upload: &S3Upload,
    source: &Source,
    number: u32,
    range: Option<Range<u64>>,
) -> Result<PartReceipt> {
    let range = range.map(|range| format!("bytes={}-{}", range.start, range.end - 1));
    let part = async |s3: Arc<Client>| {
        let asked = upload
            .part_of_copy(&s3, number)
            .copy_source(source.header())
            .copy_source_if_match(&source.etag)
            .set_copy_source_range(range.clone())
            .with_key(s3.customer_key.as_ref())
            .customize()
            .interceptor(Answer::to("copy", PART));
        let done = asked.send().await;
        done.map_err(|failed| from_sdk("copy", failed))
    };
    let done = upload.bucket.client.call(Some(&upload.key), part).await?;
    let etag = done.copy_part_result.and_then(|part| part.e_tag);
    Ok(PartReceipt {
        number,
        token: etag.ok_or_else(|| odd("copy", "it has no etag"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_md5_tells_of_the_content() {
        let md5 = "0123456789abcdef0123456789ABCDEF";
        assert_eq!(digest(&format!("\"{md5}\"")), Some((md5, None)));
        assert_eq!(digest(&format!("{md5}-12")), Some((md5, Some("12"))));
        for other in ["", "\"\"", "abc", "0x8DC0", &md5[1..], "-3"] {
            assert_eq!(digest(other), None, "{other}");
        }
    }

    #[test]
    fn an_address_is_spelled_for_a_header() {
        let mut source = Source {
            bucket: "b".to_owned(),
            name: "etcd main/v2/a+b".to_owned(),
            version: None,
            etag: String::new(),
            size: 0,
        };
        assert_eq!(source.header(), "b/etcd%20main/v2/a%2Bb");
        source.version = Some("x.y".to_owned());
        assert_eq!(source.header(), "b/etcd%20main/v2/a%2Bb?versionId=x%2Ey");
    }
}
