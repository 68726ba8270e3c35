use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Key, ListPage, ListRequest, Location, ObjectId,
    ObjectMeta, Original, PutOptions, Result, Snapstore, StoreConfig, Upload, UploadOptions,
};

use crate::bucket::Bucket;
use crate::config::Settings;
use crate::copy::copy;
use crate::files::{blocking, describe, look, on_disk};
use crate::publish::{self, STAGING};
use crate::upload::LocalUpload;
use crate::{list, read, sweep};

/// A [`Snapstore`] on a directory.
#[derive(Debug)]
pub struct LocalStore {
    bucket: Arc<Bucket>,
    location: Location,
}

impl LocalStore {
    /// Opens the directory that `config` names.
    ///
    /// Errors: `Config`.
    pub(crate) fn open(config: &StoreConfig) -> Result<Self> {
        Settings::new(config).map(|settings| Self::new(settings.root))
    }

    /// The objects below `root`. The directory is made by the first write, not before: opening a
    /// store changes nothing. One that was there and is gone is an error until it is back.
    pub fn new(root: PathBuf) -> Self {
        let location = Location {
            scheme: "file",
            bucket: root.display().to_string(),
            prefix: String::new(),
        };
        Self {
            bucket: Arc::new(Bucket::open(Settings { root })),
            location,
        }
    }
}

#[async_trait]
impl Snapstore for LocalStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let (root, path) = (self.bucket.root.clone(), self.bucket.path("put", key)?);
        self.bucket.is_there("put").await?;
        let name = key.clone();
        let at = path.clone();
        let put = blocking("put", Some(key), &at, move || {
            let mut staged = publish::stage(&root)?;
            staged.write_all(&data)?;
            let metadata = publish::publish(staged, &root, &path, options.mode)?;
            describe(&name, &metadata)?.ok_or_else(|| io::ErrorKind::NotFound.into())
        });
        let meta = put.await?;
        self.bucket.is_made();
        Ok(meta)
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.bucket.is_there("start_upload").await?;
        let upload = LocalUpload::start(self.bucket.clone(), key, options).await?;
        self.bucket.is_made();
        Ok(Box::new(upload))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let path = self.bucket.addressed("get", object)?;
        self.bucket.is_there("get").await?;
        read::get(path, object.key.clone(), range).await
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        self.bucket.is_there("copy").await?;
        let copied = copy(&self.bucket, original, key, options.mode).await;
        let copied = copied.map_err(|error| error.about(key))?;
        self.bucket.is_made();
        Ok(copied)
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let path = self.bucket.addressed("head", object)?;
        self.bucket.is_there("head").await?;
        let (at, key) = (path.clone(), object.key.clone());
        blocking("head", Some(&object.key), &at, move || look(&key, &path)).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.bucket.capabilities.check_listing(request)?;
        self.bucket.is_there("list").await?;
        let (root, prefix) = (self.bucket.root.clone(), request.prefix.clone());
        let walk = move || list::objects(&root, &prefix);
        let objects = on_disk("list", None, &self.bucket.root, walk).await?;
        Ok(ListPage {
            objects,
            next: None,
        })
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let path = self.bucket.addressed("delete", object)?;
        self.bucket.is_there("delete").await?;
        let root = self.bucket.root.clone();
        blocking("delete", Some(&object.key), &path.clone(), move || {
            publish::remove(&root, &path)
        })
        .await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.bucket.is_there("sweep").await?;
        let root = self.bucket.root.clone();
        let at = root.join(STAGING);
        blocking("sweep", None, &at, move || sweep::sweep(&root, idle_since)).await
    }
}
