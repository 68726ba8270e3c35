use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutOptions, Result, Snapstore, StoreConfig, Upload, UploadLimits,
    UploadOptions,
};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, nonce};

use crate::bucket::ask;
use crate::client::Client;
use crate::config::Settings;
use crate::object::{Generations, Resource, written};
use crate::upload::{GcsUpload, MOST_PARTS};
use crate::write::write;
use crate::{compose, list, read, staging};

/// A [`Snapstore`] on a bucket of Google Cloud Storage.
#[derive(Debug)]
pub struct GcsStore {
    client: Arc<Reloading<Client>>,
    keys: Keyspace,
    location: Location,
    capabilities: Capabilities,
    generations: Generations,
}

impl GcsStore {
    /// Opens the bucket that `config` names.
    ///
    /// Errors: `Config` for what cannot work, `NotFound` for a bucket that is not there, `Denied`.
    pub async fn open(config: &StoreConfig) -> Result<Self> {
        let settings = Settings::new(config)?;
        let keys = settings.keys.clone();
        let location = keys.location("gs", &settings.bucket);
        let watch = settings.account.watch();
        let load = move || -> LoadFuture<Client> {
            let settings = settings.clone();
            Box::pin(async move { Client::open(&settings).await })
        };
        let client = Reloading::open(watch, load).await?;
        let generations = ask(&*client.current().await, &location).await?;
        let mut capabilities = Capabilities::default();
        capabilities.create_new = true;
        capabilities.retention = true;
        capabilities.versions = generations == Generations::AreVersions;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=(5 << 40) / u64::from(MOST_PARTS),
            max_parts: MOST_PARTS,
        });
        Ok(Self {
            client: Arc::new(client),
            keys,
            location,
            capabilities,
            generations,
        })
    }

    /// The provider's name for `key`.
    fn name(&self, operation: &'static str, key: &Key) -> Result<String> {
        if staging::is_ours(key) {
            let message = "names of this kind are the store's own, for uploads";
            return Err(Error::new(ErrorKind::Config, operation, message).with_key(key));
        }
        Ok(self.keys.name(key))
    }

    /// The provider's name of `object`, and its generation if one is asked for.
    fn address(
        &self,
        operation: &'static str,
        object: &ObjectId,
    ) -> Result<(String, Option<String>)> {
        let name = self.name(operation, &object.key)?;
        let Some(version) = &object.version else {
            return Ok((name, None));
        };
        let refused =
            |kind, message: &str| Err(Error::new(kind, operation, message).with_key(&object.key));
        if self.generations == Generations::AreTags {
            return refused(ErrorKind::Unsupported, "this bucket keeps no versions");
        }
        match version.0.parse::<i64>() {
            Ok(_) => Ok((name, Some(version.0.clone()))),
            Err(_) => refused(ErrorKind::NotFound, "no such version"),
        }
    }

    async fn look(&self, client: &Client, object: &ObjectId) -> Result<Resource> {
        let (name, generation) = self.address("head", object)?;
        let found = compose::look(client, &name, generation.as_deref()).await;
        found.map_err(|error| error.about(&object.key))
    }
}

#[async_trait]
impl Snapstore for GcsStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let (client, name) = (self.client.current().await, self.name("put", key)?);
        let object = write(&client, "put", &name, data, options.mode).await;
        let object = self.client.seen(&client, object).await;
        let object = object.map_err(|error| error.about(key))?;
        Ok(written(key, &object, self.generations))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let id = nonce();
        Ok(Box::new(GcsUpload {
            client: self.client.clone(),
            directory: staging::directory(&self.keys, &id),
            id,
            key: key.clone(),
            name: self.name("start_upload", key)?,
            options,
            generations: self.generations,
        }))
    }

    /// Facts and bytes are asked for at the same time, since the reply with the bytes does not say
    /// until when the object is retained. Both must be about the same generation.
    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let client = self.client.current().await;
        let (name, generation) = self.address("get", object)?;
        let generation = generation.and_then(|number| number.parse().ok());
        let looking = async {
            self.client
                .seen(&client, self.look(&client, object).await)
                .await
        };
        // No object is longer than 5 TiB, and the client counts with a sign.
        let is_nothing = |range: &Range<u64>| range.is_empty() || range.start > i64::MAX as u64;
        if let Some(range) = range.clone().filter(is_nothing) {
            let meta = looking.await?.describe(&object.key, self.generations)?;
            let at = range.start.min(meta.size);
            return Ok(read::nothing(meta, at..at));
        }
        let reading = read::begin(&client, &name, generation, range.as_ref());
        let (looked, reply) = futures::join!(looking, reading);
        let looked = looked?;
        let meta = looked.describe(&object.key, self.generations)?;
        let download = read::download(meta, looked.generation()?, range, reply);
        download.map_err(|error| error.about(&object.key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let client = self.client.current().await;
        let found = self.look(&client, object).await;
        let found = self.client.seen(&client, found).await?;
        found.describe(&object.key, self.generations)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let client = self.client.current().await;
        let page = list::page(&client, &self.keys, self.generations, request).await;
        self.client.seen(&client, page).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let (name, generation) = self.address("delete", object)?;
        let client = self.client.current().await;
        let deleted = staging::delete(&client, "delete", &name, generation.as_deref()).await;
        let deleted = self.client.seen(&client, deleted).await;
        deleted.map_err(|error| error.about(&object.key))
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let client = self.client.current().await;
        let swept = staging::sweep(&client, &self.keys, idle_since).await;
        self.client.seen(&client, swept).await
    }
}
