use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use base64_simd::STANDARD as BASE64;
use http::Method;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadLimits, UploadOptions, Versions, prefix,
};
use snapstore_cloud::document::Document;
use snapstore_cloud::http::{absent, broken, length};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, container, md5};

use crate::client::{Call, Oss};
use crate::credentials::Origin;
use crate::read::{self, Address, described, head};
use crate::retention::Retention;
use crate::upload::OssUpload;
use crate::{list, sweep, versioning, xml};

/// OSS's word for create-if-absent. It holds in buckets that never had versions.
pub(crate) const FORBID_OVERWRITE: &str = "x-oss-forbid-overwrite";

/// A [`Snapstore`] on a bucket.
#[derive(Debug)]
pub struct OssStore {
    shared: Arc<Shared>,
    location: Location,
    capabilities: Capabilities,
}

/// What the store and its uploads need alike.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) client: Reloading<Oss>,
    pub(crate) keys: Keyspace,
    retention: Option<Retention>,
    /// Whether OSS heeds [`FORBID_OVERWRITE`] here.
    heeds: bool,
}

impl OssStore {
    /// Opens the bucket of `config`. Asks the bucket what it can do; changes nothing.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self> {
        refuse_leading_slash(&config.prefix)?;
        let (bucket, keys) = (container(config)?, Keyspace::new(&config.prefix)?);
        let origin = Origin::find(config)?;
        let (watch, name) = (origin.watch(), bucket.clone());
        let load = move || -> LoadFuture<Oss> {
            let client = origin
                .read()
                .and_then(|settings| Oss::connect(&settings, &name));
            Box::pin(std::future::ready(client))
        };
        let client = Reloading::open(watch, load).await?;
        let oss = client.current().await;
        // Side by side: a far store takes one round trip for all three.
        let (exists, retention, unversioned) = futures::join!(
            exists(&oss, &bucket),
            Retention::of_bucket(&oss),
            versioning::never(&oss)
        );
        exists?;
        let retention = retention?;
        let mut capabilities = Capabilities::default();
        let heeds = unversioned?;
        capabilities.create_new = heeds;
        capabilities.retention = retention.is_some();
        // OSS API reference, "Multipart upload": at least 100 KiB a part.
        capabilities.uploads = Some(UploadLimits {
            part_size: (100 << 10)..=(5 << 30),
            max_parts: 10_000,
        });
        let location = keys.location("oss", &bucket);
        Ok(Self {
            shared: Arc::new(Shared {
                client,
                keys,
                retention,
                heeds,
            }),
            location,
            capabilities,
        })
    }
}

/// OSS takes no name that begins with a slash (its reference, "Object naming"), so neither could the
/// reference have written one.
///
/// Errors: `Config` for a prefix that makes such names, before the store refuses each of them.
fn refuse_leading_slash(prefix: &str) -> Result<()> {
    let cleaned = prefix::cleaned(prefix)?;
    let Some(without) = cleaned.strip_prefix('/') else {
        return Ok(());
    };
    let message = format!(
        "--store-prefix begins with '/', and no object of OSS may; write --store-prefix {without:?}"
    );
    Err(Error::new(ErrorKind::Config, "open", message))
}

async fn exists(oss: &Oss, bucket: &str) -> Result<()> {
    let looked = oss.send(Call::bucket("open").with("max-keys", "1")).await;
    match looked {
        Ok(reply) => {
            let body = reply.bytes().await.map_err(|error| broken("open", error))?;
            Document::read("open", &body, &[xml::LISTED]).map(drop)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format!(
                "there is no bucket {bucket:?}; make it, or name another with --store-container"
            );
            Err(Error::new(ErrorKind::Config, "open", message))
        }
        Err(error) => Err(error),
    }
}

impl Shared {
    pub(crate) async fn client(&self) -> Arc<Oss> {
        self.client.current().await
    }

    pub(crate) fn address<'a>(&'a self, name: &'a str, key: &'a Key) -> Address<'a> {
        Address {
            name,
            key,
            keys: &self.keys,
            retention: self.retention,
        }
    }

    /// Where OSS would overwrite all the same, an object that is there is found by looking. Two who
    /// write at once may both see nothing, so this is not promised.
    pub(crate) async fn look_first(&self, oss: &Oss, at: Address<'_>, mode: PutMode) -> Result<()> {
        if self.heeds || mode == PutMode::Overwrite {
            return Ok(());
        }
        match absent(head(oss, at, "head").await)? {
            None => Ok(()),
            Some(_) => {
                let message = "there is an object of this name already";
                Err(Error::new(ErrorKind::AlreadyExists, "put", message))
            }
        }
    }

    async fn put(&self, oss: &Oss, key: &Key, data: Bytes, mode: PutMode) -> Result<ObjectMeta> {
        let name = self.keys.name(key);
        self.look_first(oss, self.address(&name, key), mode).await?;
        let mut call = Call::object("put", Method::PUT, &name)
            // OSS compares it with what arrived before it stores anything.
            .header("content-md5", BASE64.encode_to_string(md5(&data).await))
            .body(data);
        if mode == PutMode::CreateNew {
            call = call.header(FORBID_OVERWRITE, "true");
        }
        oss.send(call).await?;
        // The answer has no date.
        let at = self.address(&name, key);
        let headers = head(oss, at, "put").await?;
        described(&headers, at, length(&headers)?)
    }
}

/// OSS has versions; they are not read here.
fn no_version(operation: &'static str, object: &ObjectId) -> Result<()> {
    match object.version {
        None => Ok(()),
        Some(_) => Err(unversioned(operation).with_key(&object.key)),
    }
}

fn unversioned(operation: &'static str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        operation,
        "versions are not read from OSS",
    )
}

#[async_trait]
impl Snapstore for OssStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let oss = self.shared.client().await;
        let done = self.shared.put(&oss, key, data, options.mode).await;
        self.shared
            .client
            .seen(&oss, done)
            .await
            .map_err(|error| error.about(key))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let upload = OssUpload::start(self.shared.clone(), key, options).await;
        Ok(Box::new(upload.map_err(|error| error.about(key))?))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        no_version("get", object)?;
        let (oss, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let begun = read::get(&oss, self.shared.address(&name, &object.key), range).await;
        self.shared
            .client
            .seen(&oss, begun)
            .await
            .map_err(|error| error.about(&object.key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        no_version("head", object)?;
        let (oss, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let at = self.shared.address(&name, &object.key);
        let found = head(&oss, at, "head").await;
        let found = self.shared.client.seen(&oss, found).await;
        let headers = found.map_err(|error| error.about(&object.key))?;
        described(&headers, at, length(&headers)?)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        if request.versions == Versions::All {
            return Err(unversioned("list"));
        }
        let oss = self.shared.client().await;
        let page = list::page(&oss, &self.shared.keys, self.shared.retention, request).await;
        self.shared.client.seen(&oss, page).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        no_version("delete", object)?;
        let (oss, name) = (
            self.shared.client().await,
            self.shared.keys.name(&object.key),
        );
        let call = Call::object("delete", Method::DELETE, &name);
        let done = absent(oss.send(call).await).map(drop);
        self.shared
            .client
            .seen(&oss, done)
            .await
            .map_err(|error| error.about(&object.key))
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let oss = self.shared.client().await;
        let swept = sweep::sweep(&self.shared, &oss, idle_since).await;
        self.shared.client.seen(&oss, swept).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slash was cut off, so that `/etcd` and `etcd` were one prefix here and two elsewhere.
    #[test]
    fn a_prefix_that_no_object_may_have_is_refused_with_what_to_write() {
        let error = refuse_leading_slash("/etcd//main/").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("\"etcd/main\""), "{error}");
        assert!(refuse_leading_slash("./etcd//main/").is_ok());
    }
}
