use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Download, Key, ListPage, ListRequest, Location, ObjectId, ObjectMeta,
    PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload, UploadOptions,
};
use snapstore_cloud::http::absent;

use crate::bucket::Bucket;
use crate::client::Client;
use crate::config::Settings;
use crate::error::from_sdk;
use crate::sdk::Blob;
use crate::upload::DepotUpload;
use crate::{list, read, sweep};

/// A [`Snapstore`] on a depot.
#[derive(Debug)]
pub(crate) struct DepotStore {
    bucket: Arc<Bucket>,
    location: Location,
}

impl DepotStore {
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self> {
        let bucket = Arc::new(Bucket::open(Settings::new(config)?).await?);
        let location = bucket.keys.location("depot", &bucket.name);
        Ok(Self { bucket, location })
    }

    async fn look(&self, operation: &'static str, object: &ObjectId) -> Result<Blob> {
        self.bucket.capabilities.check_version(operation, object)?;
        let name = self.bucket.keys.name(&object.key);
        let look = async |client: Arc<Client>| {
            let found = client.0.head(&self.bucket.name, &name);
            found.map_err(|fault| from_sdk(operation, fault))
        };
        self.bucket.client.call(Some(&object.key), look).await
    }
}

#[async_trait]
impl Snapstore for DepotStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let (name, only_new) = (
            self.bucket.keys.name(key),
            options.mode == PutMode::CreateNew,
        );
        let put = async |client: Arc<Client>| {
            let put = client.0.put(&self.bucket.name, &name, data, only_new);
            put.map_err(|fault| from_sdk("put", fault))
        };
        let blob = self.bucket.client.call(Some(key), put).await?;
        Ok(read::described(key, &blob))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let upload = DepotUpload::start(self.bucket.clone(), key, options).await?;
        Ok(Box::new(upload))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let blob = self.look("get", object).await?;
        Ok(read::get(&object.key, &blob, range))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let blob = self.look("head", object).await?;
        Ok(read::described(&object.key, &blob))
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.bucket.capabilities.check_listing(request)?;
        let list = async |client: Arc<Client>| list::page(&self.bucket, &client, request);
        self.bucket.client.call(None, list).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.bucket.capabilities.check_version("delete", object)?;
        let name = self.bucket.keys.name(&object.key);
        let delete = async |client: Arc<Client>| {
            let gone = client.0.delete(&self.bucket.name, &name);
            absent(gone.map_err(|fault| from_sdk("delete", fault))).map(drop)
        };
        self.bucket.client.call(Some(&object.key), delete).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let sweep = async |client: Arc<Client>| sweep::sweep(&self.bucket, &client, idle_since);
        self.bucket.client.call(None, sweep).await
    }
}
