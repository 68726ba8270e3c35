//! The bucket: what it can do, asked once when the store is opened, and what the store and its
//! uploads need alike.

use snapstore::{Capabilities, Error, ErrorKind, Key, PutMode, Result, UploadLimits};
use snapstore_cloud::document::Document;
use snapstore_cloud::http::{absent, broken};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, no_such_bucket};

use crate::client::{Call, Client};
use crate::config::Settings;
use crate::credentials::Origin;
use crate::read::{Address, head};
use crate::retention::Retention;
use crate::{versioning, xml};

/// OSS's word for create-if-absent. It holds in buckets that never had versions.
pub(crate) const FORBID_OVERWRITE: &str = "x-oss-forbid-overwrite";

/// A bucket that was opened.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) client: Reloading<Client>,
    pub(crate) name: String,
    pub(crate) keys: Keyspace,
    pub(crate) capabilities: Capabilities,
    pub(crate) retention: Option<Retention>,
}

impl Bucket {
    /// Asks the bucket what it can do; changes nothing.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let origin = Origin::find(&settings)?;
        let (watch, name) = (origin.watch(), settings.bucket.clone());
        let load = move || -> LoadFuture<Client> {
            let client = origin
                .read()
                .and_then(|access| Client::connect(&access, &name));
            Box::pin(std::future::ready(client))
        };
        let client = Reloading::open(watch, load).await?;
        let oss = client.current().await;
        // Side by side: a far store takes one round trip for all three.
        let (exists, retention, unversioned) = futures::join!(
            exists(&oss, &settings.bucket),
            Retention::of_bucket(&oss),
            versioning::never(&oss)
        );
        exists?;
        let retention = retention?;
        // OSS has versions; they are not read here.
        let mut capabilities = Capabilities::default();
        // OSS heeds FORBID_OVERWRITE there.
        capabilities.create_new = unversioned?;
        capabilities.retention = retention.is_some();
        capabilities.service = Some(oss.service());
        // The CRC-64 of a part, or the MD5 of a body.
        capabilities.checks_content = true;
        // OSS API reference, "Multipart upload": at least 100 KiB a part.
        capabilities.uploads = Some(UploadLimits {
            part_size: (100 << 10)..=(5 << 30),
            max_parts: 10_000,
        });
        Ok(Self {
            client,
            name: settings.bucket,
            keys: settings.keys,
            capabilities,
            retention,
        })
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
    pub(crate) async fn look_first(
        &self,
        oss: &Client,
        at: Address<'_>,
        mode: PutMode,
    ) -> Result<()> {
        if self.capabilities.create_new || mode == PutMode::Overwrite {
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
}

async fn exists(oss: &Client, bucket: &str) -> Result<()> {
    let looked = oss.send(Call::bucket("open").with("max-keys", "1")).await;
    match looked {
        Ok(reply) => {
            let body = reply.bytes().await.map_err(|error| broken("open", error))?;
            Document::read("open", &body, &[xml::LISTED]).map(drop)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(no_such_bucket("bucket", bucket, ""))
        }
        Err(error) => Err(error),
    }
}
