use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use reqwest::Method;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadLimits, UploadOptions, Versions,
};
use snapstore_cloud::http::{absent, length, odd};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, container, md5};

use crate::client::{Swift, send};
use crate::condemned::Condemned;
use crate::credentials::Origin;
use crate::layout::check;
use crate::read::{self, Address, described, head};
use crate::upload::SwiftUpload;
use crate::{list, remove, sweep};

/// A [`Snapstore`] on a container.
#[derive(Debug)]
pub struct SwiftStore {
    shared: Arc<Shared>,
    location: Location,
    capabilities: Capabilities,
}

/// What the store and its uploads need alike.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) client: Reloading<Swift>,
    pub(crate) container: String,
    pub(crate) keys: Keyspace,
    pub(crate) condemned: Condemned,
}

impl SwiftStore {
    /// Logs in and looks for the container; changes nothing.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self> {
        let (container, keys) = (container(config)?, Keyspace::new(&config.prefix)?);
        // The catalogue says where the store is, but a secret must not stand there unsaid.
        config.endpoint()?;
        let origin = Origin::find(&config.environment)?;
        let watch = origin.watch();
        let load = move || -> LoadFuture<Swift> {
            let login = origin.read();
            Box::pin(async move { Swift::connect(login?).await })
        };
        let client = Reloading::open(watch, load).await?;
        exists(&*client.current().await, &container).await?;
        let location = keys.location("swift", &container);
        let mut capabilities = Capabilities::default();
        // `If-None-Match: *` is sent and kept between writers one after the other. It is not atomic:
        // of 16 writers at once 13 won, on Swift 2.38.
        capabilities.create_new = false;
        // The largest object that Swift takes, by default 5 GiB; it has no limit of parts.
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=(5 << 30),
            max_parts: 10_000,
        });
        Ok(Self {
            shared: Arc::new(Shared {
                client,
                container,
                keys,
                condemned: Condemned::default(),
            }),
            location,
            capabilities,
        })
    }
}

/// What the answer to a head keeps to itself, for want of a body: the same question with a get.
async fn why(swift: &Swift, container: &str) -> Option<Error> {
    let request = swift.request("open", Method::GET, container, "").ok()?;
    send("open", request.query(&[("limit", "1")])).await.err()
}

async fn exists(swift: &Swift, container: &str) -> Result<()> {
    let request = swift.request("open", Method::HEAD, container, "")?;
    let told = match send("open", request).await {
        Err(error) if error.kind() == ErrorKind::Unexpected && !error.is_retryable() => {
            Err(why(swift, container).await.unwrap_or(error))
        }
        told => told,
    };
    match absent(told)? {
        // Every answer about a container has it (Object Storage API, "Show container metadata"); a page of
        // a proxy has not.
        Some(reply) if reply.headers().contains_key("x-container-object-count") => Ok(()),
        Some(reply) => {
            let what = format!(
                "{} without X-Container-Object-Count",
                reply.status().as_u16()
            );
            Err(odd("open", what))
        }
        None => {
            let message = format!(
                "there is no container {container:?}; make it, or name another with \
                 --store-container"
            );
            Err(Error::new(ErrorKind::Config, "open", message))
        }
    }
}

impl Shared {
    pub(crate) async fn client(&self) -> Arc<Swift> {
        self.client.current().await
    }

    fn address<'a>(&'a self, name: &'a str, key: &'a Key) -> Address<'a> {
        Address {
            container: &self.container,
            name,
            key,
            keys: &self.keys,
        }
    }

    async fn put(
        &self,
        swift: &Swift,
        key: &Key,
        data: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let name = self.keys.name(key);
        let at = self.address(&name, key);
        if mode == PutMode::Overwrite
            && let Some(headers) = absent(head(swift, at, "put").await)?
        {
            remove::condemn(self, swift, "put", &name, &headers).await?;
        }
        let mut request = swift
            .request("put", Method::PUT, &self.container, &name)?
            // Swift compares it with what arrived before it stores anything.
            .header("etag", hex::encode(md5(&data).await))
            .header("content-length", data.len())
            .body(data);
        if mode == PutMode::CreateNew {
            request = request.header("if-none-match", "*");
        }
        send("put", request).await?;
        // The parts of what was replaced.
        let condemned = &self.condemned;
        condemned
            .remove(swift, "put", &self.container, &name)
            .await?;
        let headers = head(swift, at, "put").await?;
        described(&headers, key, length(&headers)?)
    }
}

/// Swift has versions, which are containers of their own; what they hold is none of ours.
fn no_version(operation: &'static str, object: &ObjectId) -> Result<()> {
    check(operation, &object.key)?;
    match object.version {
        None => Ok(()),
        Some(_) => Err(unversioned(operation).with_key(&object.key)),
    }
}

fn unversioned(operation: &'static str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        operation,
        "versions are not read from Swift",
    )
}

#[async_trait]
impl Snapstore for SwiftStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        check("put", key)?;
        let swift = self.shared.client().await;
        let done = self.shared.put(&swift, key, data, options.mode).await;
        self.shared
            .client
            .seen(&swift, done)
            .await
            .map_err(|error| error.about(key))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        check("start_upload", key)?;
        let upload = SwiftUpload::start(self.shared.clone(), key, options).await;
        Ok(Box::new(upload.map_err(|error| error.about(key))?))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        no_version("get", object)?;
        let (swift, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let begun = read::get(&swift, self.shared.address(&name, &object.key), range).await;
        self.shared
            .client
            .seen(&swift, begun)
            .await
            .map_err(|error| error.about(&object.key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        no_version("head", object)?;
        let (swift, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let found = head(&swift, self.shared.address(&name, &object.key), "head").await;
        let found = self.shared.client.seen(&swift, found).await;
        let headers = found.map_err(|error| error.about(&object.key))?;
        described(&headers, &object.key, length(&headers)?)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        if request.versions == Versions::All {
            return Err(unversioned("list"));
        }
        let swift = self.shared.client().await;
        let page = list::page(&swift, &self.shared.container, &self.shared.keys, request).await;
        self.shared.client.seen(&swift, page).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        no_version("delete", object)?;
        let (swift, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let done = remove::object(
            &self.shared,
            &swift,
            self.shared.address(&name, &object.key),
        )
        .await;
        self.shared
            .client
            .seen(&swift, done)
            .await
            .map_err(|error| error.about(&object.key))
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let swift = self.shared.client().await;
        let swept = sweep::sweep(&self.shared, &swift, idle_since).await;
        self.shared.client.seen(&swift, swept).await
    }
}
