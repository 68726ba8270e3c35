use std::time::Duration;

use aws_sdk_s3::types::{DeleteMarkerEntry, Object, ObjectVersion};
use snapstore::{ListPage, ListRequest, ObjectId, ObjectMeta, PageToken, Result, VersionId};
use snapstore_cloud::Keyspace;
use snapstore_cloud::http::odd;

use crate::client::S3;
use crate::error::from_sdk;
use crate::read::time;

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

impl Listing<'_> {
    /// Current objects.
    pub(crate) async fn current(&self, s3: &S3, request: &ListRequest) -> Result<ListPage> {
        let asked = s3
            .sdk
            .list_objects_v2()
            .bucket(self.bucket)
            .prefix(self.keys.under(&request.prefix))
            .set_continuation_token(request.page.as_ref().map(|page| page.0.clone()));
        let reply = asked
            .send()
            .await
            .map_err(|failed| from_sdk("list", failed))?;
        let objects = reply
            .contents()
            .iter()
            .filter_map(|object| self.object(object));
        let more = reply.is_truncated().unwrap_or(false);
        if more && reply.next_continuation_token().is_none() {
            return Err(odd("list", "there is more, and it does not say where"));
        }
        Ok(ListPage {
            objects: objects.collect(),
            next: reply
                .next_continuation_token()
                .filter(|_| more)
                .map(|token| PageToken(token.to_owned())),
        })
    }

    /// Every version and every delete marker.
    pub(crate) async fn versions(&self, s3: &S3, request: &ListRequest) -> Result<ListPage> {
        let page = request.page.as_ref().map(|page| page.0.as_str());
        let (key, version) = page.map_or((None, None), |page| match page.split_once(BETWEEN) {
            Some((key, version)) => (Some(key.to_owned()), Some(version.to_owned())),
            None => (Some(page.to_owned()), None),
        });
        let asked = s3
            .sdk
            .list_object_versions()
            .bucket(self.bucket)
            .prefix(self.keys.under(&request.prefix))
            .set_key_marker(key)
            .set_version_id_marker(version.filter(|version| !version.is_empty()));
        let reply = asked
            .send()
            .await
            .map_err(|failed| from_sdk("list", failed))?;
        let versions = reply
            .versions()
            .iter()
            .filter_map(|version| self.version(version));
        let markers = reply
            .delete_markers()
            .iter()
            .filter_map(|marker| self.marker(marker));
        let next = reply
            .next_key_marker()
            .filter(|_| reply.is_truncated().unwrap_or(false));
        let next = next.map(|key| {
            let version = reply.next_version_id_marker().unwrap_or_default();
            PageToken(format!("{key}{BETWEEN}{version}"))
        });
        Ok(ListPage {
            objects: versions.chain(markers).collect(),
            next,
        })
    }

    fn object(&self, object: &Object) -> Option<ObjectMeta> {
        let modified = time(object.last_modified())?;
        Some(ObjectMeta {
            id: self.keys.key(object.key()?)?.into(),
            size: u64::try_from(object.size()?).ok()?,
            modified,
            etag: object.e_tag().map(str::to_owned),
            retain_until: self.retention.and_then(|kept| modified.checked_add(kept)),
            excluded: false,
            delete_marker: false,
        })
    }

    fn version(&self, version: &ObjectVersion) -> Option<ObjectMeta> {
        let modified = time(version.last_modified())?;
        Some(ObjectMeta {
            id: self.id(version.key()?, version.version_id())?,
            size: u64::try_from(version.size()?).ok()?,
            modified,
            etag: version.e_tag().map(str::to_owned),
            retain_until: self.retention.and_then(|kept| modified.checked_add(kept)),
            excluded: false,
            delete_marker: false,
        })
    }

    fn marker(&self, marker: &DeleteMarkerEntry) -> Option<ObjectMeta> {
        Some(ObjectMeta {
            id: self.id(marker.key()?, marker.version_id())?,
            size: 0,
            modified: time(marker.last_modified())?,
            etag: None,
            retain_until: None,
            excluded: false,
            delete_marker: true,
        })
    }

    /// Here `null` is a version like any other: it is how that one is read and deleted.
    fn id(&self, name: &str, version: Option<&str>) -> Option<ObjectId> {
        Some(ObjectId {
            key: self.keys.key(name)?,
            version: version.map(|version| VersionId(version.to_owned())),
        })
    }
}
