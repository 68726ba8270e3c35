use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use azure_storage_blob::models::BlockBlobClientUploadOptions;
use snapstore::{
    Bytes, Capabilities, Copied, Download, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, Original, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadOptions,
};
use snapstore_cloud::http::absent;
use snapstore_cloud::md5;

use crate::bucket::{Bucket, LARGEST};
use crate::client::Client;
use crate::config::Settings;
use crate::copy::copy;
use crate::error::from_sdk;
use crate::object::Facts;
use crate::upload::AbsUpload;
use crate::{list, read, sweep};

/// A [`Snapstore`] on a container of Azure Blob Storage.
#[derive(Debug)]
pub struct AbsStore {
    bucket: Arc<Bucket>,
    location: Location,
}

impl AbsStore {
    /// Opens the container that `config` names.
    ///
    /// Errors: `Config` for an invalid configuration, a container that is not there too; `Denied`.
    pub async fn open(config: &StoreConfig) -> Result<Self> {
        let bucket = Bucket::open(Settings::new(config)?).await?;
        let location = bucket.keys.location("azure", &bucket.name);
        Ok(Self {
            bucket: Arc::new(bucket),
            location,
        })
    }

    async fn write(
        &self,
        client: &Client,
        key: &Key,
        data: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let name = self.bucket.keys.name(key);
        let put = self.put_at_once(client, &name, key, data.clone(), mode);
        let error = match put.await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => error,
            other => return other,
        };
        // Blocks that nobody has committed may take a name too (in Azurite they do), until they are
        // removed after a week. No reader sees them, so the name is free: a commit goes through.
        match read::look(client, &self.bucket.extras, &name, key).await {
            Err(absent) if absent.kind() == ErrorKind::NotFound => {
                let part_size = data.len() as u64;
                let options = UploadOptions { mode, part_size };
                let upload = AbsUpload::new(self.bucket.clone(), key, options);
                upload.put(data).await
            }
            // Nobody knows yet: asking again will tell.
            Err(unknown) if unknown.is_retryable() => Err(unknown),
            _ => Err(error),
        }
    }

    async fn put_at_once(
        &self,
        client: &Client,
        name: &str,
        key: &Key,
        data: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let length = data.len() as u64;
        let mut sending = BlockBlobClientUploadOptions {
            // Compared with what arrived before anything is kept (Microsoft's "Windows Azure Blob
            // MD5 Overview": Put Blob).
            blob_content_md5: Some(md5(&data).await.to_vec()),
            blob_content_type: Some("application/octet-stream".to_owned()),
            // One request: what is longer than a part comes as an upload.
            partition_size: NonZero::new(LARGEST),
            ..Default::default()
        };
        if mode == PutMode::CreateNew {
            sending = sending.if_not_exists();
        }
        let blob = client.blob(name).block_blob_client();
        let put = blob.upload(data.into(), Some(sending)).await;
        let put = put.map_err(|error| from_sdk("put", error).about(key))?;
        if self.bucket.extras.retains {
            // Until when, the reply does not say.
            return Ok(read::look(client, &self.bucket.extras, name, key)
                .await?
                .meta);
        }
        let facts = Facts {
            size: Some(length),
            modified: put.last_modified,
            etag: put.etag.map(|etag| etag.to_string()),
            ..Facts::default()
        };
        facts.describe("put", key)
    }
}

#[async_trait]
impl Snapstore for AbsStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let put = async |client: Arc<Client>| self.write(&client, key, data, options.mode).await;
        self.bucket.client.call(Some(key), put).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        Ok(Box::new(AbsUpload::new(self.bucket.clone(), key, options)))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let name = self.bucket.name_of("get", object)?;
        let (key, extras) = (&object.key, &self.bucket.extras);
        let get =
            async |client: Arc<Client>| read::download(&client, extras, &name, key, range).await;
        self.bucket.client.call(Some(key), get).await
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
        let name = self.bucket.name_of("head", object)?;
        let (key, extras) = (&object.key, &self.bucket.extras);
        let look = async |client: Arc<Client>| read::look(&client, extras, &name, key).await;
        Ok(self.bucket.client.call(Some(key), look).await?.meta)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.bucket.capabilities.check_listing(request)?;
        let (keys, extras) = (&self.bucket.keys, &self.bucket.extras);
        let list = async |client: Arc<Client>| list::page(&client, keys, extras, request).await;
        self.bucket.client.call(None, list).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let name = self.bucket.name_of("delete", object)?;
        let delete = async |client: Arc<Client>| {
            let deleted = client.blob(&name).delete(None).await;
            absent(deleted.map_err(|error| from_sdk("delete", error))).map(drop)
        };
        self.bucket.client.call(Some(&object.key), delete).await
    }

    async fn sweep(&self, _idle_since: SystemTime) -> Result<u64> {
        Ok(sweep::sweep())
    }
}
