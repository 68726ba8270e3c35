use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use azure_storage_blob::models::BlockBlobClientUploadOptions;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadLimits, UploadOptions,
};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, md5};

use crate::client::Client;
use crate::config::Settings;
use crate::container::{Extras, ask};
use crate::credentials::watch;
use crate::error::from_sdk;
use crate::object::Facts;
use crate::upload::{AbsUpload, MOST_PARTS};
use crate::{list, read};

/// Azure's limit for a block and for a blob that is written at once, less a little: 4,000 MiB.
const LARGEST: u64 = 4000 << 20;

/// A [`Snapstore`] on a container of Azure Blob Storage.
#[derive(Debug)]
pub struct AbsStore {
    client: Arc<Reloading<Client>>,
    keys: Keyspace,
    location: Location,
    capabilities: Capabilities,
    extras: Arc<Extras>,
}

impl AbsStore {
    /// Opens the container that `config` names.
    ///
    /// Errors: `Config` for what cannot work, `NotFound` for a container that is not there,
    /// `Denied`.
    pub async fn open(config: &StoreConfig) -> Result<Self> {
        let settings = Settings::new(config)?;
        let keys = settings.keys.clone();
        let location = keys.location("azure", &settings.container);
        let watch = watch(&settings.environment)?;
        let load =
            move || -> LoadFuture<Client> { Box::pin(std::future::ready(Client::open(&settings))) };
        let client = Reloading::open(watch, load).await?;
        let extras = ask(&*client.current().await, &location).await?;
        let mut capabilities = Capabilities::default();
        capabilities.create_new = true;
        capabilities.retention = extras.retention;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=LARGEST,
            max_parts: MOST_PARTS,
        });
        Ok(Self {
            client: Arc::new(client),
            keys,
            location,
            capabilities,
            extras: Arc::new(extras),
        })
    }

    /// The provider's name of `object`.
    fn name(&self, operation: &'static str, object: &ObjectId) -> Result<String> {
        if object.version.is_some() {
            let message = "versions of blobs are not read";
            let error = Error::new(ErrorKind::Unsupported, operation, message);
            return Err(error.with_key(&object.key));
        }
        Ok(self.keys.name(&object.key))
    }

    fn upload(&self, key: &Key, name: String, options: UploadOptions) -> AbsUpload {
        let (client, extras) = (self.client.clone(), self.extras.clone());
        AbsUpload::new(client, extras, key.clone(), name, options)
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
        if self.extras.retains {
            // Until when, the reply does not say.
            return Ok(read::look(client, &self.extras, name, key).await?.meta);
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
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let (client, name) = (self.client.current().await, self.keys.name(key));
        let put = self.put_at_once(&client, &name, key, data.clone(), options.mode);
        let error = match self.client.seen(&client, put.await).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => error,
            other => return other,
        };
        // Blocks that nobody has committed may take a name too (in Azurite they do), until they are
        // removed after a week. No reader sees them, so the name is free: a commit goes through.
        let looked = read::look(&client, &self.extras, &name, key).await;
        match self.client.seen(&client, looked).await {
            Err(absent) if absent.kind() == ErrorKind::NotFound => {
                let part_size = data.len() as u64;
                let mode = options.mode;
                let options = UploadOptions { mode, part_size };
                self.upload(key, name, options).put(data).await
            }
            // Nobody knows yet: asking again will tell.
            Err(unknown) if unknown.is_retryable() => Err(unknown),
            _ => Err(error),
        }
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        Ok(Box::new(self.upload(key, self.keys.name(key), options)))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let (client, name) = (self.client.current().await, self.name("get", object)?);
        let begun = read::download(&client, &self.extras, &name, &object.key, range).await;
        self.client.seen(&client, begun).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let (client, name) = (self.client.current().await, self.name("head", object)?);
        let found = read::look(&client, &self.extras, &name, &object.key).await;
        Ok(self.client.seen(&client, found).await?.meta)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let client = self.client.current().await;
        let page = list::page(&client, &self.keys, &self.extras, request).await;
        self.client.seen(&client, page).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let (client, name) = (self.client.current().await, self.name("delete", object)?);
        let deleted = client.blob(&name).delete(None).await;
        let deleted = deleted.map_err(|error| from_sdk("delete", error).about(&object.key));
        match self.client.seen(&client, deleted).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }

    /// Nothing: Azure itself removes blocks that nobody has committed for a week. Before that they
    /// could only be removed by writing the blob, which would take them from an upload that lives.
    async fn sweep(&self, _idle_since: SystemTime) -> Result<u64> {
        Ok(0)
    }
}
