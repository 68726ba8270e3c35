use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{DeleteMarkerEntry, Object, ObjectVersion};
use snapstore::{
    Error, ListPage, ListRequest, ObjectId, ObjectMeta, PageToken, Result, VersionId, printable,
};
use snapstore_cloud::document::{Document, undated};
use snapstore_cloud::http::odd;
use snapstore_cloud::{Keyspace, from_rfc3339};

use crate::answer::{Answer, time};
use crate::client::Client;
use crate::error::{Failed, from_sdk};

/// One page of a listing, and what it takes to read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) keys: &'a Keyspace,
    /// The bucket's own rule. A listing does not say what an object's own is; a head does.
    pub(crate) retention: Option<Duration>,
}

/// Between the two halves of a page token of versions. No key holds it.
const BETWEEN: char = '\n';

/// What the answers are called.
const OBJECTS: &[&str] = &["ListBucketResult"];
const VERSIONS: &[&str] = &["ListVersionsResult"];

impl Listing<'_> {
    /// Current objects.
    pub(crate) async fn current(&self, s3: &Client, request: &ListRequest) -> Result<ListPage> {
        let (answer, prefix) = (
            Answer::to("list", OBJECTS),
            self.keys.under(&request.prefix),
        );
        let asked = s3
            .sdk
            .list_objects_v2()
            .bucket(self.bucket)
            .prefix(&prefix)
            .set_continuation_token(request.page.as_ref().map(|page| page.0.clone()))
            .customize()
            .interceptor(answer.clone());
        let reply = asked.send().await.map_err(unread)?;
        let document = answer.document()?;
        let more = self.answers(document, &prefix)?;
        document.holds("Contents", reply.contents().len())?;
        counted(document)?;
        let next = reply.next_continuation_token();
        let next = next.filter(|next| more && !next.is_empty());
        if more && next.is_none() {
            return Err(odd("list", "there is more, and it does not say where"));
        }
        let mut objects = Vec::new();
        for object in reply.contents() {
            objects.extend(self.object(&prefix, object)?);
        }
        Ok(ListPage {
            objects,
            next: next.map(|token| PageToken(token.to_owned())),
        })
    }

    /// Every version and every delete marker.
    pub(crate) async fn versions(&self, s3: &Client, request: &ListRequest) -> Result<ListPage> {
        let page = request.page.as_ref().map(|page| page.0.as_str());
        let (key, version) = page.map_or((None, None), |page| match page.split_once(BETWEEN) {
            Some((key, version)) => (Some(key.to_owned()), Some(version.to_owned())),
            None => (Some(page.to_owned()), None),
        });
        let (answer, prefix) = (
            Answer::to("list", VERSIONS),
            self.keys.under(&request.prefix),
        );
        let asked = s3
            .sdk
            .list_object_versions()
            .bucket(self.bucket)
            .prefix(&prefix)
            .set_key_marker(key)
            .set_version_id_marker(version.filter(|version| !version.is_empty()))
            .customize()
            .interceptor(answer.clone());
        let reply = asked.send().await.map_err(unread)?;
        let document = answer.document()?;
        let more = self.answers(document, &prefix)?;
        document.holds("Version", reply.versions().len())?;
        document.holds("DeleteMarker", reply.delete_markers().len())?;
        let mut objects = Vec::new();
        for version in reply.versions() {
            objects.extend(self.version(&prefix, version)?);
        }
        for marker in reply.delete_markers() {
            objects.extend(self.marker(&prefix, marker)?);
        }
        let next = reply.next_key_marker();
        let next = next.filter(|next| more && !next.is_empty());
        if more && next.is_none() {
            return Err(odd("list", "there is more, and it does not say where"));
        }
        let next = next.map(|key| {
            let version = reply.next_version_id_marker().unwrap_or_default();
            PageToken(format!("{key}{BETWEEN}{version}"))
        });
        Ok(ListPage { objects, next })
    }

    /// Whether the listing goes on, if it is the one that was asked for.
    fn answers(&self, document: &Document, prefix: &str) -> Result<bool> {
        document.echoes("Prefix", prefix)?;
        // The ARN or the alias of an access point is answered in the name of its bucket.
        let by_name = !self.bucket.contains(':') && !self.bucket.ends_with("-s3alias");
        if by_name {
            document.echoes("Name", self.bucket)?;
        }
        document.flag("IsTruncated")
    }

    fn object(&self, prefix: &str, object: &Object) -> Result<Option<ObjectMeta>> {
        let name = object.key().ok_or_else(|| missing("?", "key"))?;
        let Some(key) = self.keys.entry("list", prefix, name)? else {
            return Ok(None);
        };
        let modified = time(object.last_modified());
        Ok(Some(ObjectMeta {
            id: key.into(),
            size: size(name, object.size())?,
            modified,
            etag: object.e_tag().map(str::to_owned),
            retain_until: self.retained(name, modified)?,
            excluded: false,
            delete_marker: false,
        }))
    }

    fn version(&self, prefix: &str, version: &ObjectVersion) -> Result<Option<ObjectMeta>> {
        let name = version.key().ok_or_else(|| missing("?", "key"))?;
        let Some(id) = self.id(prefix, name, version.version_id())? else {
            return Ok(None);
        };
        let modified = time(version.last_modified());
        Ok(Some(ObjectMeta {
            id,
            size: size(name, version.size())?,
            modified,
            etag: version.e_tag().map(str::to_owned),
            retain_until: self.retained(name, modified)?,
            excluded: false,
            delete_marker: false,
        }))
    }

    fn marker(&self, prefix: &str, marker: &DeleteMarkerEntry) -> Result<Option<ObjectMeta>> {
        let name = marker.key().ok_or_else(|| missing("?", "key"))?;
        let Some(id) = self.id(prefix, name, marker.version_id())? else {
            return Ok(None);
        };
        Ok(Some(ObjectMeta {
            id,
            size: 0,
            modified: time(marker.last_modified()),
            etag: None,
            retain_until: None,
            excluded: false,
            delete_marker: true,
        }))
    }

    /// Until when the bucket's rule keeps it, which counts from when it was written.
    fn retained(&self, name: &str, modified: Option<SystemTime>) -> Result<Option<SystemTime>> {
        match (self.retention, modified) {
            (None, _) => Ok(None),
            (Some(kept), Some(modified)) => Ok(modified.checked_add(kept)),
            (Some(_), None) => Err(missing(name, "LastModified")),
        }
    }

    /// Here `null` is a version like any other: it is how that one is read and deleted.
    fn id(&self, prefix: &str, name: &str, version: Option<&str>) -> Result<Option<ObjectId>> {
        let key = self.keys.entry("list", prefix, name)?;
        Ok(key.map(|key| ObjectId {
            key,
            version: version.map(|version| VersionId(version.to_owned())),
        }))
    }
}

/// `KeyCount`, which AWS counts itself (ListObjectsV2, "Response Elements"). Not all say it.
fn counted(document: &Document) -> Result<()> {
    let there = document.count("Contents") + document.count("CommonPrefixes");
    match document.text("KeyCount") {
        Some(said) if said.trim().parse() != Ok(there) => {
            let said = printable(said);
            let what = format!("it says that it has {said} entries, and has {there}");
            Err(odd("list", what))
        }
        _ => Ok(()),
    }
}

/// Why a listing could not be read. The SDK says of a time only that it is none, not of which entry.
fn unread<E>(failed: Failed<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let body = failed.raw_response().and_then(|reply| reply.body().bytes());
    let body = String::from_utf8_lossy(body.unwrap_or_default()).into_owned();
    let error = from_sdk("list", failed);
    let undated = undated(&body, ("Key", "LastModified"), |time| {
        from_rfc3339(time).is_some()
    });
    match undated.filter(|_| error.is_retryable()) {
        Some(name) => missing(name, "LastModified"),
        None => error,
    }
}

fn size(name: &str, said: Option<i64>) -> Result<u64> {
    let size = said.and_then(|size| u64::try_from(size).ok());
    size.ok_or_else(|| missing(name, "Size"))
}

fn missing(name: &str, what: &str) -> Error {
    let name = printable(name);
    odd(
        "list",
        format!("the entry \"{name}\" has no {what} that can be read"),
    )
}
