use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Copied, Download, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, Original, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadOptions, Versions,
};

use crate::bucket::Bucket;
use crate::client::Client;
use crate::config::{Dialect, Settings};
use crate::copy::copy;
use crate::customer_key::WithKey;
use crate::error::from_sdk;
use crate::read::{self, described, head};
use crate::retry_denied_put::send_again;
use crate::sweep::sweep;
use crate::upload::S3Upload;

/// A [`Snapstore`] on a bucket.
#[derive(Debug)]
pub struct S3Store {
    bucket: Arc<Bucket>,
    location: Location,
}

impl S3Store {
    /// Opens the bucket of `config`. Asks the bucket what it can do; changes nothing.
    pub(crate) async fn open(config: &StoreConfig, dialect: Dialect) -> Result<Self> {
        let bucket = Bucket::open(Settings::new(config, dialect)?).await?;
        let location = bucket.keys.location("s3", &bucket.name);
        tracing::debug!(provider = dialect.name(), %location, "opened");
        Ok(Self {
            bucket: Arc::new(bucket),
            location,
        })
    }

    async fn write(
        &self,
        s3: &Client,
        key: &Key,
        data: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let bucket = &self.bucket;
        let name = bucket.keys.name(key);
        let create = mode == PutMode::CreateNew;
        if create && !bucket.capabilities.create_new {
            bucket.refuse_taken(s3, "put", key, &name).await?;
        }
        let only_new = (create && bucket.capabilities.create_new).then(|| "*".to_owned());
        let sse = s3.customer_key.as_ref();
        let done = send_again(|| {
            s3.sdk
                .put_object()
                .bucket(&bucket.name)
                .key(&name)
                .body(data.clone().into())
                .set_if_none_match(only_new.clone())
                .with_key(sse)
                .send()
        });
        let done = done.await.map_err(|failed| from_sdk("put", failed))?;
        // The answer has no date, and what is kept for how long only the object itself says.
        let id = ObjectId::from(key.clone());
        let id = bucket.address(&name, &id).known(done.version_id());
        let at = bucket.address(&name, &id);
        described(&head(s3, at, "put").await?, at)
    }

    /// S3 answers to a delete without a version by hiding the object, locked or not: the
    /// contract's delete.
    async fn remove(&self, s3: &Client, object: &ObjectId) -> Result<()> {
        let bucket = &self.bucket;
        let name = bucket.keys.name(&object.key);
        let at = bucket.address(&name, object);
        let asked = s3
            .sdk
            .delete_object()
            .bucket(&bucket.name)
            .key(&name)
            .set_version_id(at.version());
        match asked
            .send()
            .await
            .map_err(|failed| from_sdk("delete", failed))
        {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Snapstore for S3Store {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let put = async |s3: Arc<Client>| self.write(&s3, key, data, options.mode).await;
        self.bucket.client.call(Some(key), put).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let upload = S3Upload::start(self.bucket.clone(), key, options.mode).await?;
        Ok(Box::new(upload))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.bucket.capabilities.check_version("get", object)?;
        let name = self.bucket.keys.name(&object.key);
        let at = self.bucket.address(&name, object);
        let get = async |s3: Arc<Client>| read::get(&s3, at, range).await;
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
        self.bucket.capabilities.check_version("head", object)?;
        let name = self.bucket.keys.name(&object.key);
        let at = self.bucket.address(&name, object);
        let look = async |s3: Arc<Client>| head(&s3, at, "head").await;
        let found = self.bucket.client.call(Some(&object.key), look).await?;
        described(&found, at)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.bucket.capabilities.check_listing(request)?;
        let listing = self.bucket.listing();
        let list = async |s3: Arc<Client>| match request.versions {
            Versions::Current => listing.current(&s3, request).await,
            Versions::All => listing.versions(&s3, request).await,
        };
        self.bucket.client.call(None, list).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.bucket.capabilities.check_version("delete", object)?;
        let delete = async |s3: Arc<Client>| self.remove(&s3, object).await;
        self.bucket.client.call(Some(&object.key), delete).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let swept = async |s3: Arc<Client>| sweep(&self.bucket, &s3, idle_since).await;
        self.bucket.client.call(None, swept).await
    }
}
