use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Key, ListPage, ListRequest, Location, ObjectId,
    ObjectMeta, Original, PutOptions, Result, Snapstore, StoreConfig, Upload, UploadOptions,
};

use snapstore_cloud::read::nothing;

use crate::bucket::Bucket;
use crate::client::Client;
use crate::config::Settings;
use crate::copy::copy;
use crate::object::written;
use crate::upload::GcsUpload;
use crate::write::write;
use crate::{compose, list, read, staging, sweep};

/// A [`Snapstore`] on a bucket of Google Cloud Storage.
#[derive(Debug)]
pub struct GcsStore {
    bucket: Arc<Bucket>,
    location: Location,
}

impl GcsStore {
    /// Opens the bucket that `config` names.
    ///
    /// Errors: `Config` for an invalid configuration, a bucket that is not there too; `Denied`.
    pub async fn open(config: &StoreConfig) -> Result<Self> {
        let bucket = Bucket::open(Settings::new(config)?).await?;
        let location = bucket.keys.location("gs", &bucket.name);
        Ok(Self {
            bucket: Arc::new(bucket),
            location,
        })
    }

    /// Facts and bytes are asked for at the same time, since the reply with the bytes does not say
    /// until when the object is retained. Both must be about the same generation.
    async fn begin(
        &self,
        client: &Client,
        object: &ObjectId,
        range: Option<Range<u64>>,
    ) -> Result<Download> {
        let (name, generation) = self.bucket.address("get", object)?;
        let looking = compose::look(client, &name, generation.as_deref());
        // No object is longer than 5 TiB, and the client counts with a sign.
        let is_nothing = |range: &Range<u64>| range.is_empty() || range.start > i64::MAX as u64;
        if let Some(range) = range.clone().filter(is_nothing) {
            let meta = looking
                .await?
                .describe(&object.key, self.bucket.generations)?;
            return Ok(nothing(meta, range.start));
        }
        let number = generation.as_deref().and_then(|number| number.parse().ok());
        let reading = read::begin(client, &name, number, range.as_ref());
        let (looked, reply) = futures::join!(looking, reading);
        let looked = looked?;
        let meta = looked.describe(&object.key, self.bucket.generations)?;
        read::download(meta, looked.generation()?, range, reply)
    }
}

#[async_trait]
impl Snapstore for GcsStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let name = self.bucket.name_of("put", key)?;
        let put =
            async |client: Arc<Client>| write(&client, "put", &name, data, options.mode).await;
        let object = self.bucket.client.call(Some(key), put).await?;
        Ok(written(key, &object, self.bucket.generations))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let upload = GcsUpload::new(self.bucket.clone(), key, options)?;
        Ok(Box::new(upload))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let get = async |client: Arc<Client>| self.begin(&client, object, range).await;
        self.bucket.client.call(Some(&object.key), get).await
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let copied = copy(&self.bucket, original, key, options.mode).await;
        copied.map_err(|error| error.about(key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let (name, generation) = self.bucket.address("head", object)?;
        let look =
            async |client: Arc<Client>| compose::look(&client, &name, generation.as_deref()).await;
        let found = self.bucket.client.call(Some(&object.key), look).await?;
        found.describe(&object.key, self.bucket.generations)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.bucket.capabilities.check_listing(request)?;
        let (keys, generations) = (&self.bucket.keys, self.bucket.generations);
        let list =
            async |client: Arc<Client>| list::page(&client, keys, generations, request).await;
        self.bucket.client.call(None, list).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let (name, generation) = self.bucket.address("delete", object)?;
        let delete = async |client: Arc<Client>| {
            staging::delete(&client, "delete", &name, generation.as_deref()).await
        };
        self.bucket.client.call(Some(&object.key), delete).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let sweep =
            async |client: Arc<Client>| sweep::sweep(&self.bucket, &client, idle_since).await;
        self.bucket.client.call(None, sweep).await
    }
}
