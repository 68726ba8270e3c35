use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadOptions, Versions,
};
use snapstore_cloud::http::absent;
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, container};

use crate::beside_deletes::send_again;
use crate::client::S3;
use crate::config::Dialect;
use crate::credentials::Origin;
use crate::customer_key::WithKey;
use crate::error::from_sdk;
use crate::list::Listing;
use crate::read::{self, Address, described, head};
use crate::sweep::sweep;
use crate::upload::S3Upload;

/// A [`Snapstore`] on a bucket.
#[derive(Debug)]
pub struct S3Store {
    shared: Arc<Shared>,
    location: Location,
}

/// What the store and its uploads need alike.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) client: Reloading<S3>,
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    pub(crate) capabilities: Capabilities,
    retention: Option<Duration>,
}

impl S3Store {
    /// Opens the bucket of `config`. Asks the bucket what it can do; changes nothing.
    pub(crate) async fn open(config: &StoreConfig, dialect: Dialect) -> Result<Self> {
        let (bucket, keys) = (container(config)?, Keyspace::new(&config.prefix)?);
        let origin = Origin::find(config, dialect)?;
        let watch = origin.watch();
        let load = move || -> LoadFuture<S3> {
            let settings = origin.read();
            Box::pin(async move { S3::connect(settings?).await })
        };
        let client = Reloading::open(watch, load).await?;
        let found = crate::probe::look(&*client.current().await, &bucket, dialect).await?;
        let location = keys.location("s3", &bucket);
        let shared = Shared {
            client,
            bucket,
            keys,
            capabilities: found.capabilities,
            retention: found.retention,
        };
        tracing::debug!(provider = dialect.name(), %location, "opened");
        Ok(Self {
            shared: Arc::new(shared),
            location,
        })
    }
}

impl Shared {
    pub(crate) async fn client(&self) -> Arc<S3> {
        self.client.current().await
    }

    pub(crate) fn address<'a>(&'a self, name: &'a str, id: &'a ObjectId) -> Address<'a> {
        Address {
            bucket: &self.bucket,
            name,
            id,
            versions: self.capabilities.versions,
            listing: self.listing(),
        }
    }

    fn listing(&self) -> Listing<'_> {
        Listing {
            bucket: &self.bucket,
            keys: &self.keys,
            retention: self.retention,
        }
    }

    /// For a store that cannot decide it by itself: looks first.
    pub(crate) async fn refuse_taken(
        &self,
        s3: &S3,
        operation: &'static str,
        key: &Key,
        name: &str,
    ) -> Result<()> {
        let id = ObjectId::from(key.clone());
        match absent(head(s3, self.address(name, &id), operation).await)? {
            Some(_) => Err(Error::new(ErrorKind::AlreadyExists, operation, "").with_key(key)),
            None => Ok(()),
        }
    }

    async fn put(&self, s3: &S3, key: &Key, data: Bytes, mode: PutMode) -> Result<ObjectMeta> {
        let name = self.keys.name(key);
        let create = mode == PutMode::CreateNew;
        if create && !self.capabilities.create_new {
            self.refuse_taken(s3, "put", key, &name).await?;
        }
        let only_new = (create && self.capabilities.create_new).then(|| "*".to_owned());
        let sse = s3.customer_key.as_ref();
        let done = send_again(|| {
            s3.sdk
                .put_object()
                .bucket(&self.bucket)
                .key(&name)
                .body(data.clone().into())
                .set_if_none_match(only_new.clone())
                .with_key(sse)
                .send()
        });
        let done = done.await.map_err(|failed| from_sdk("put", failed))?;
        // The answer has no date, and what is kept for how long only the object itself says.
        let id = ObjectId::from(key.clone());
        let id = self.address(&name, &id).known(done.version_id());
        let at = self.address(&name, &id);
        described(&head(s3, at, "put").await?, at)
    }

    /// S3 answers to a delete without a version by hiding the object, locked or not: the
    /// contract's delete.
    async fn delete(&self, s3: &S3, object: &ObjectId) -> Result<()> {
        let name = self.keys.name(&object.key);
        let at = self.address(&name, object);
        let asked = s3
            .sdk
            .delete_object()
            .bucket(&self.bucket)
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

    fn versioned(&self, operation: &'static str, object: &ObjectId) -> Result<()> {
        if object.version.is_none() || self.capabilities.versions {
            return Ok(());
        }
        let message = "this bucket keeps no versions";
        Err(Error::new(ErrorKind::Unsupported, operation, message).with_key(&object.key))
    }
}

#[async_trait]
impl Snapstore for S3Store {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.shared.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let s3 = self.shared.client().await;
        let done = self.shared.put(&s3, key, data, options.mode).await;
        self.shared
            .client
            .seen(&s3, done)
            .await
            .map_err(|error| error.about(key))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let upload = S3Upload::start(self.shared.clone(), key, options.mode).await;
        Ok(Box::new(upload.map_err(|error| error.about(key))?))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.shared.versioned("get", object)?;
        let (s3, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let begun = read::get(&s3, self.shared.address(&name, object), range).await;
        self.shared
            .client
            .seen(&s3, begun)
            .await
            .map_err(|error| error.about(&object.key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.shared.versioned("head", object)?;
        let (s3, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let found = head(&s3, self.shared.address(&name, object), "head").await;
        let found = self.shared.client.seen(&s3, found).await;
        let found = found.map_err(|error| error.about(&object.key))?;
        described(&found, self.shared.address(&name, object))
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let s3 = self.shared.client().await;
        let listing = self.shared.listing();
        let page = match request.versions {
            Versions::Current => listing.current(&s3, request).await,
            Versions::All if self.shared.capabilities.versions => {
                listing.versions(&s3, request).await
            }
            Versions::All => {
                let message = "this bucket keeps no versions";
                Err(Error::new(ErrorKind::Unsupported, "list", message))
            }
        };
        self.shared.client.seen(&s3, page).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.shared.versioned("delete", object)?;
        let s3 = self.shared.client().await;
        let done = self.shared.delete(&s3, object).await;
        self.shared
            .client
            .seen(&s3, done)
            .await
            .map_err(|error| error.about(&object.key))
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let s3 = self.shared.client().await;
        let swept = sweep(&self.shared, &s3, idle_since).await;
        self.shared.client.seen(&s3, swept).await
    }
}
