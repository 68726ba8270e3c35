use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::upload_part_copy::builders::UploadPartCopyFluentBuilder;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use snapstore::{
    Bytes, ErrorKind, Key, ObjectId, ObjectMeta, PartReceipt, PutMode, Result, Upload,
};
use snapstore_cloud::http::{absent, odd};
use snapstore_cloud::nonce;

use crate::answer::Answer;
use crate::bucket::Bucket;
use crate::client::Client;
use crate::customer_key::WithKey;
use crate::error::from_sdk;
use crate::read::{Address, described, head};
use crate::retry_denied_put::send_again;

/// The metadata that says which upload an object came from: after a lost reply it tells our object
/// from another's.
pub(crate) const MARK: &str = "etcdbr-upload";

const STARTED: &[&str] = &["InitiateMultipartUploadResult"];

/// The end of an upload. An error may come with status 200, which the SDK knows.
const COMPLETED: &[&str] = &["CompleteMultipartUploadResult", "Error"];

/// An object on its way: a multipart upload of S3.
#[derive(Debug)]
pub(crate) struct S3Upload {
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) key: Key,
    name: String,
    mode: PutMode,
    upload_id: String,
    mark: String,
}

impl S3Upload {
    pub(crate) async fn start(bucket: Arc<Bucket>, key: &Key, mode: PutMode) -> Result<Self> {
        let name = bucket.keys.name(key);
        let mark = nonce();
        let start = async |s3: Arc<Client>| {
            let asked = s3
                .sdk
                .create_multipart_upload()
                .bucket(&bucket.name)
                .key(&name)
                .metadata(MARK, &mark)
                .with_key(s3.customer_key.as_ref())
                .customize()
                .interceptor(Answer::to("start_upload", STARTED));
            let started = asked.send().await;
            let started = started.map_err(|failed| from_sdk("start_upload", failed))?;
            let id = started.upload_id;
            id.ok_or_else(|| odd("start_upload", "it has no upload id"))
        };
        Ok(Self {
            upload_id: bucket.client.call(Some(key), start).await?,
            key: key.clone(),
            bucket,
            name,
            mode,
            mark,
        })
    }

    /// The request that makes a part of another object, which it does not name yet.
    pub(crate) fn part_of_copy(&self, s3: &Client, number: u32) -> UploadPartCopyFluentBuilder {
        s3.sdk
            .upload_part_copy()
            .bucket(&self.bucket.name)
            .key(&self.name)
            .upload_id(&self.upload_id)
            .part_number(s3_number(number))
    }

    /// The object that an earlier, unheard answer to `complete` was about.
    async fn finished(&self, s3: &Client) -> Result<Option<ObjectMeta>> {
        let id = ObjectId::from(self.key.clone());
        let found = absent(head(s3, self.address(&id), "complete").await)?;
        let ours = found.filter(|found| is_marked(found, &self.mark));
        ours.map(|found| described(&found, self.address(&id)))
            .transpose()
    }

    fn address<'a>(&'a self, id: &'a ObjectId) -> Address<'a> {
        self.bucket.address(&self.name, id)
    }

    async fn complete_with(
        &self,
        s3: &Client,
        parts: CompletedMultipartUpload,
    ) -> Result<Option<String>> {
        let create = self.mode == PutMode::CreateNew;
        if create && !self.bucket.capabilities.create_new {
            self.bucket
                .refuse_taken(s3, "complete", &self.key, &self.name)
                .await?;
        }
        let only_new = (create && self.bucket.capabilities.create_new).then(|| "*".to_owned());
        let sse = s3.customer_key.as_ref();
        let done = send_again(|| {
            s3.sdk
                .complete_multipart_upload()
                .bucket(&self.bucket.name)
                .key(&self.name)
                .upload_id(&self.upload_id)
                .multipart_upload(parts.clone())
                .set_if_none_match(only_new.clone())
                .with_key(sse)
                .customize()
                .interceptor(Answer::to("complete", COMPLETED))
                .send()
        });
        let done = done.await.map_err(|failed| from_sdk("complete", failed))?;
        Ok(done.version_id)
    }

    async fn finish(&self, s3: &Client, parts: CompletedMultipartUpload) -> Result<ObjectMeta> {
        let version = match self.complete_with(s3, parts).await {
            Ok(version) => version,
            // Gone, or taken: perhaps by ourselves, and the answer was lost.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) =>
            {
                return self.finished(s3).await?.ok_or(error);
            }
            Err(error) => return Err(error),
        };
        let id = ObjectId::from(self.key.clone());
        let id = self.address(&id).known(version.as_deref());
        let found = head(s3, self.address(&id), "complete").await?;
        described(&found, self.address(&id))
    }
}

fn is_marked(head: &HeadObjectOutput, mark: &str) -> bool {
    let metadata = head.metadata().and_then(|metadata| metadata.get(MARK));
    metadata.is_some_and(|found| found == mark)
}

/// S3 itself would skip over a part that is missing.
fn in_order(parts: &[PartReceipt]) -> Result<CompletedMultipartUpload> {
    let part = |receipt: &PartReceipt| {
        let part = CompletedPart::builder()
            .part_number(s3_number(receipt.number))
            .e_tag(&receipt.token);
        Some(part.build())
    };
    let parts = PartReceipt::in_order(parts, part)?;
    let all = CompletedMultipartUpload::builder().set_parts(Some(parts));
    Ok(all.build())
}

fn s3_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[async_trait]
impl Upload for S3Upload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let part = async |s3: Arc<Client>| {
            let asked = s3
                .sdk
                .upload_part()
                .bucket(&self.bucket.name)
                .key(&self.name)
                .upload_id(&self.upload_id)
                .part_number(s3_number(number))
                .body(data.into())
                .with_key(s3.customer_key.as_ref());
            let sent = asked.send().await;
            sent.map_err(|failed| from_sdk("part", failed))
        };
        let sent = self.bucket.client.call(Some(&self.key), part).await?;
        Ok(PartReceipt {
            number,
            token: sent.e_tag.ok_or_else(|| odd("part", "it has no etag"))?,
        })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let all = in_order(parts).map_err(|error| error.about(&self.key))?;
        let complete = async |s3: Arc<Client>| self.finish(&s3, all).await;
        self.bucket.client.call(Some(&self.key), complete).await
    }

    async fn abort(&self) -> Result<()> {
        let abort = async |s3: Arc<Client>| {
            let asked = s3
                .sdk
                .abort_multipart_upload()
                .bucket(&self.bucket.name)
                .key(&self.name)
                .upload_id(&self.upload_id);
            let done = asked.send().await;
            absent(done.map_err(|failed| from_sdk("abort", failed))).map(drop)
        };
        self.bucket.client.call(Some(&self.key), abort).await
    }
}
