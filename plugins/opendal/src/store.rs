use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use opendal::Buffer;
use snapstore::{
    Bytes, Capabilities, Download, Key, ListPage, ListRequest, Location, ObjectId, ObjectMeta,
    PutOptions, Result, Snapstore, Upload, UploadOptions,
};

use crate::bucket::Bucket;
use crate::config::Settings;
use crate::error::is_absent;
use crate::place::{Names, Place};
use crate::publish::{Content, publish};
use crate::service::{Contained, Service};
use crate::upload::OpendalUpload;
use crate::{list, read, sweep};

/// A [`Snapstore`] on a service of OpenDAL.
#[derive(Debug)]
pub(crate) struct OpendalStore {
    bucket: Arc<Bucket>,
    location: Location,
}

impl OpendalStore {
    /// Opens it. Nothing is asked of the service, and nothing is made there.
    ///
    /// Errors: `Config`.
    pub(crate) fn open(settings: Settings) -> Result<Self> {
        let (service, contained) = Service::open(&settings)?;
        let Settings {
            container, prefix, ..
        } = settings;
        let location = Location {
            scheme: "opendal",
            bucket: format!("{}/{container}", service.name),
            prefix: prefix.clone(),
        };
        let directory = match contained {
            Contained::InDirectory => Some(container.as_str()),
            Contained::InBucket => None,
        };
        let names = match service.name.as_str() {
            "webdav" => Names::Escaped,
            _ => Names::AsTheyAre,
        };
        let place = Place::new(names, directory, &prefix);
        Ok(Self {
            bucket: Arc::new(Bucket::new(service, place)),
            location,
        })
    }
}

#[async_trait]
impl Snapstore for OpendalStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let content = Content::Whole(Buffer::from(data));
        let put = publish(&self.bucket, "put", key, content, options.mode).await;
        put.map_err(|error| error.about(key))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.bucket.place.path("start_upload", key)?;
        let there = self.bucket.is_there("start_upload").await;
        there.map_err(|error| error.about(key))?;
        let started = OpendalUpload::start(self.bucket.clone(), key, options).await;
        Ok(Box::new(started.map_err(|error| error.about(key))?))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let got = read::get(&self.bucket, object, range).await;
        got.map_err(|error| error.about(&object.key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let path = self.bucket.addressed("head", object)?;
        let found = self.bucket.head("head", &object.key, &path).await;
        found.map_err(|error| error.about(&object.key))
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        list::list(&self.bucket, request).await
    }

    /// A file system would remove a directory by the name of an object, with all that is in it: so it is looked at
    /// before.
    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let path = self.bucket.addressed("delete", object)?;
        let about = |error: snapstore::Error| error.about(&object.key);
        if self
            .bucket
            .look("delete", &path)
            .await
            .map_err(about)?
            .is_none()
        {
            return Ok(());
        }
        match self.bucket.operator().delete(&path).await {
            Err(error) if !is_absent(&error) => Err(about(self.bucket.failed("delete", &error))),
            _ => Ok(()),
        }
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        sweep::sweep(&self.bucket, idle_since).await
    }
}
