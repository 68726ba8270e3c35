use std::sync::Arc;

use async_trait::async_trait;
use snapstore::{Bytes, Key, ObjectMeta, PartReceipt, PutMode, Result, Upload, UploadOptions};

use crate::bucket::{Bucket, MOST_PARTS};
use crate::client::Client;
use crate::error::from_sdk;
use crate::read::described;

/// An object on its way.
#[derive(Debug)]
pub(crate) struct DepotUpload {
    bucket: Arc<Bucket>,
    key: Key,
    options: UploadOptions,
    id: u64,
}

impl DepotUpload {
    pub(crate) async fn start(
        bucket: Arc<Bucket>,
        key: &Key,
        options: UploadOptions,
    ) -> Result<Self> {
        let name = bucket.keys.name(key);
        let start = async |client: Arc<Client>| {
            let begun = client.0.begin(&bucket.name, &name);
            begun.map_err(|fault| from_sdk("start_upload", fault))
        };
        let id = bucket.client.call(Some(key), start).await?;
        let key = key.clone();
        Ok(Self {
            bucket,
            key,
            options,
            id,
        })
    }
}

#[async_trait]
impl Upload for DepotUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let admitted = self.options.admit(number, data.len() as u64, MOST_PARTS);
        admitted.map_err(|error| error.about(&self.key))?;
        let part = async |client: Arc<Client>| {
            let sent = client.0.part(self.id, number, data);
            sent.map_err(|fault| from_sdk("part", fault))
        };
        let length = self.bucket.client.call(Some(&self.key), part).await?;
        let token = length.to_string();
        Ok(PartReceipt { number, token })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let numbers = PartReceipt::in_order(parts, |receipt| {
            let length = receipt.token.parse().ok()?;
            let fits = self.options.fits(receipt.number, parts.len(), length);
            fits.then_some(receipt.number)
        });
        let numbers = numbers.map_err(|error| error.about(&self.key))?;
        let only_new = self.options.mode == PutMode::CreateNew;
        let complete = async |client: Arc<Client>| {
            let done = client.0.complete(self.id, &numbers, only_new);
            done.map_err(|fault| from_sdk("complete", fault))
        };
        let blob = self.bucket.client.call(Some(&self.key), complete).await?;
        Ok(described(&self.key, &blob))
    }

    async fn abort(&self) -> Result<()> {
        let abort = async |client: Arc<Client>| Ok(client.0.abort(self.id));
        self.bucket.client.call(Some(&self.key), abort).await
    }
}
