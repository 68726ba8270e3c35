use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use reqwest::Method;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Key, ListPage, ListRequest, Location, ObjectId,
    ObjectMeta, Original, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadOptions,
};
use snapstore_cloud::http::{absent, length};
use snapstore_cloud::md5;

use crate::bucket::Bucket;
use crate::client::{Client, send};
use crate::config::Settings;
use crate::copy::copy;
use crate::layout::check;
use crate::object::{described, head};
use crate::upload::SwiftUpload;
use crate::{list, read, remove, sweep};

/// A [`Snapstore`] on a container.
#[derive(Debug)]
pub struct SwiftStore {
    bucket: Arc<Bucket>,
    location: Location,
}

impl SwiftStore {
    /// Logs in and looks for the container; changes nothing.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self> {
        let bucket = Bucket::open(Settings::new(config)?).await?;
        let location = bucket.keys.location("swift", &bucket.name);
        Ok(Self {
            bucket: Arc::new(bucket),
            location,
        })
    }

    async fn write(
        &self,
        swift: &Client,
        key: &Key,
        data: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let bucket = &*self.bucket;
        let name = bucket.keys.name(key);
        let at = bucket.address(&name, key);
        if mode == PutMode::Overwrite
            && let Some(headers) = absent(head(swift, at, "put").await)?
        {
            remove::note_for_deletion(bucket, swift, "put", &name, &headers).await?;
        }
        let mut request = swift
            .request("put", Method::PUT, &bucket.name, &name)?
            // Swift compares it with what arrived before it stores anything.
            .header("etag", hex::encode(md5(&data).await))
            .header("content-length", data.len())
            .body(data);
        if mode == PutMode::CreateNew {
            request = request.header("if-none-match", "*");
        }
        send("put", request).await?;
        // The parts of what was replaced.
        let pending_deletions = &bucket.pending_deletions;
        pending_deletions
            .remove(swift, "put", &bucket.name, &name)
            .await?;
        let headers = head(swift, at, "put").await?;
        described(&headers, key, length(&headers)?)
    }
}

#[async_trait]
impl Snapstore for SwiftStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        check("put", key)?;
        let put = async |swift: Arc<Client>| self.write(&swift, key, data, options.mode).await;
        self.bucket.client.call(Some(key), put).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        check("start_upload", key)?;
        let upload = SwiftUpload::start(self.bucket.clone(), key, options).await?;
        Ok(Box::new(upload))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.bucket.check("get", object)?;
        let name = self.bucket.keys.name(&object.key);
        let at = self.bucket.address(&name, &object.key);
        let get = async |swift: Arc<Client>| read::get(&swift, at, range).await;
        self.bucket.client.call(Some(&object.key), get).await
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        check("copy", key)?;
        let copied = copy(&self.bucket, original, key, options.mode).await;
        copied.map_err(|error| error.about(key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.bucket.check("head", object)?;
        let name = self.bucket.keys.name(&object.key);
        let at = self.bucket.address(&name, &object.key);
        let look = async |swift: Arc<Client>| head(&swift, at, "head").await;
        let headers = self.bucket.client.call(Some(&object.key), look).await?;
        described(&headers, &object.key, length(&headers)?)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.bucket.capabilities.check_listing(request)?;
        let (container, keys) = (&self.bucket.name, &self.bucket.keys);
        let list = async |swift: Arc<Client>| list::page(&swift, container, keys, request).await;
        self.bucket.client.call(None, list).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.bucket.check("delete", object)?;
        let name = self.bucket.keys.name(&object.key);
        let at = self.bucket.address(&name, &object.key);
        let delete = async |swift: Arc<Client>| remove::object(&self.bucket, &swift, at).await;
        self.bucket.client.call(Some(&object.key), delete).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let sweep = async |swift: Arc<Client>| sweep::sweep(&self.bucket, &swift, idle_since).await;
        self.bucket.client.call(None, sweep).await
    }
}
