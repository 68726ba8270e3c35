use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use azure_storage_blob::models::{
    BlockBlobClientCommitBlockListOptions, BlockBlobClientCommitBlockListResultHeaders,
    BlockLookupList,
};
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, PutMode, Result, Upload, UploadOptions,
};
use snapstore_cloud::nonce;

use crate::bucket::{Bucket, MOST_PARTS};
use crate::client::Client;
use crate::error::from_sdk;
use crate::object::{Facts, UPLOAD};
use crate::read::look;

/// A blob on its way: each part is a block, and completion commits them.
///
/// Blocks that are not committed belong to the name, not to an upload: two uploads to one name
/// share them. So their ids carry the upload, and the try: one that was given up and arrives late
/// replaces nothing.
pub(crate) struct AbsUpload {
    bucket: Arc<Bucket>,
    id: String,
    key: Key,
    name: String,
    options: UploadOptions,
    given_up: AtomicBool,
}

impl fmt::Debug for AbsUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbsUpload")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl AbsUpload {
    pub(crate) fn new(bucket: Arc<Bucket>, key: &Key, options: UploadOptions) -> Self {
        Self {
            id: nonce(),
            key: key.clone(),
            name: bucket.keys.name(key),
            options,
            given_up: AtomicBool::new(false),
            bucket,
        }
    }

    fn error(&self, kind: ErrorKind, operation: &'static str, message: String) -> Error {
        Error::new(kind, operation, message).with_key(&self.key)
    }

    /// The id of one try of a part. All ids of a blob have one length, of at most 64 bytes.
    fn block(&self, number: u32) -> String {
        format!("{}-{number:05}-{}", self.id, &nonce()[..16])
    }

    /// The ids of the parts and the length of the whole, if they make one.
    fn blocks(&self, parts: &[PartReceipt]) -> Result<(Vec<Vec<u8>>, u64)> {
        let mut total = 0;
        let blocks = PartReceipt::in_order(parts, |receipt| {
            let (id, length) = receipt.token.split_once(' ')?;
            let length = length.parse().ok()?;
            total += length;
            let fits = self.options.fits(receipt.number, parts.len(), length);
            (fits && id.starts_with(&self.id)).then(|| id.as_bytes().to_vec())
        });
        let blocks = blocks.map_err(|error| error.about(&self.key))?;
        Ok((blocks, total))
    }

    fn is_over(&self, operation: &'static str) -> Result<()> {
        match self.given_up.load(Ordering::Acquire) {
            false => Ok(()),
            true => {
                let message = "the upload was given up".to_owned();
                Err(self.error(ErrorKind::NotFound, operation, message))
            }
        }
    }

    /// A whole body as one block, or as none.
    pub(crate) async fn put(&self, data: Bytes) -> Result<ObjectMeta> {
        if data.is_empty() {
            return self.complete(&[]).await;
        }
        let part = self.part(1, data).await?;
        self.complete(&[part]).await
    }

    async fn stage(&self, client: &Client, id: &str, data: Bytes) -> Result<()> {
        let blob = client.blob(&self.name).block_blob_client();
        let put = |options| {
            let (length, data) = (data.len() as u64, data.clone().into());
            blob.stage_block(id.as_bytes(), length, data, Some(options))
        };
        let sent = client.checksum.of(&data).await;
        let staged = match put(sent.clone()).await {
            Err(error) if client.checksum.is_refused(&sent, &error) => {
                put(client.checksum.of(&data).await).await
            }
            other => other,
        };
        let staged = staged.map_err(|error| from_sdk("part", error).about(&self.key));
        staged.map(drop)
    }

    async fn finish(&self, client: &Client, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        match self.commit(client, parts).await {
            Ok(_) if self.bucket.extras.retains => {
                let found = look(client, &self.bucket.extras, &self.name, &self.key).await?;
                Ok(found.meta)
            }
            Err(error) if error.kind() != ErrorKind::Corrupt => self.settle(client, error).await,
            other => other,
        }
    }

    async fn commit(&self, client: &Client, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let (blocks, total) = self.blocks(parts)?;
        let failed = |error| from_sdk("complete", error).about(&self.key);
        let list = BlockLookupList {
            latest: Some(blocks),
            ..Default::default()
        };
        let options = BlockBlobClientCommitBlockListOptions {
            blob_content_type: Some("application/octet-stream".to_owned()),
            metadata: Some([(UPLOAD.to_owned(), self.id.clone())].into()),
            if_none_match: (self.options.mode == PutMode::CreateNew).then(|| "*".into()),
            ..Default::default()
        };
        let blob = client.blob(&self.name).block_blob_client();
        let list = list.try_into().map_err(failed)?;
        let done = blob.commit_block_list(list, Some(options)).await;
        let done = done.map_err(failed)?;
        let facts = Facts {
            size: Some(total),
            modified: done.last_modified().map_err(failed)?,
            etag: done.etag().map_err(failed)?.map(|etag| etag.to_string()),
            ..Facts::default()
        };
        facts.describe("complete", &self.key)
    }

    /// What stands there, although the commit failed: ours, if only its reply was lost; another's,
    /// whose commit or put has thrown our blocks away.
    async fn settle(&self, client: &Client, failed: Error) -> Result<ObjectMeta> {
        match look(client, &self.bucket.extras, &self.name, &self.key).await {
            Ok(found) if found.upload.as_ref() == Some(&self.id) => Ok(found.meta),
            Ok(_) if self.options.mode == PutMode::CreateNew && is_about_blocks(&failed) => {
                let message = failed.message().to_owned();
                Err(self.error(ErrorKind::AlreadyExists, "complete", message))
            }
            // Nobody knows yet: asking again will tell.
            Err(unknown) if unknown.is_retryable() => Err(unknown),
            _ => Err(failed),
        }
    }
}

/// `InvalidBlockList` is what Azure says of blocks that are gone.
fn is_about_blocks(error: &Error) -> bool {
    let unexpected = error.kind() == ErrorKind::Unexpected && !error.is_retryable();
    unexpected || error.kind() == ErrorKind::AlreadyExists
}

#[async_trait]
impl Upload for AbsUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        self.is_over("part")?;
        let length = data.len() as u64;
        let admitted = self.options.admit(number, length, MOST_PARTS);
        admitted.map_err(|error| error.about(&self.key))?;
        if length == 0 {
            let message = format!("part {number} is empty, and no block of Azure may be");
            return Err(self.error(ErrorKind::Config, "part", message));
        }
        let id = self.block(number);
        let part = async |client: Arc<Client>| self.stage(&client, &id, data).await;
        self.bucket.client.call(Some(&self.key), part).await?;
        Ok(PartReceipt {
            number,
            token: format!("{id} {length}"),
        })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        self.is_over("complete")?;
        let complete = async |client: Arc<Client>| self.finish(&client, parts).await;
        self.bucket.client.call(Some(&self.key), complete).await
    }

    /// Azure has no call for it; it removes the blocks itself, at the latest after a week.
    async fn abort(&self) -> Result<()> {
        self.given_up.store(true, Ordering::Release);
        Ok(())
    }
}
