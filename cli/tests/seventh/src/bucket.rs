//! The bucket: whether it is there, asked when the store is opened, and what the store and its uploads
//! need alike.

use snapstore::{Capabilities, Result, UploadLimits};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, no_such_bucket};

use crate::client::Client;
use crate::config::Settings;
use crate::credentials::Origin;

pub(crate) const MOST_PARTS: u32 = 10_000;

/// A bucket that was opened.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) client: Reloading<Client>,
    pub(crate) name: String,
    pub(crate) keys: Keyspace,
    pub(crate) capabilities: Capabilities,
}

impl Bucket {
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let origin = Origin::find(&settings)?;
        let watch = origin.watch();
        let load = move || -> LoadFuture<Client> {
            let client = origin.read().and_then(|token| Client::connect(&token));
            Box::pin(std::future::ready(client))
        };
        let client = Reloading::open(watch, load).await?;
        if client.current().await.0.look(&settings.bucket).is_err() {
            return Err(no_such_bucket("bucket", &settings.bucket, ""));
        }
        let mut capabilities = Capabilities::default();
        capabilities.create_new = true;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=(5 << 30),
            max_parts: MOST_PARTS,
        });
        Ok(Self {
            client,
            name: settings.bucket,
            keys: settings.keys,
            capabilities,
        })
    }
}
