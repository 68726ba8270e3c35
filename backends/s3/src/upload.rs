use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectId, ObjectMeta, PartReceipt, PutMode, Result, Upload,
};
use snapstore_cloud::http::{absent, odd};
use snapstore_cloud::nonce;

use crate::answer::Answer;
use crate::beside_deletes::send_again;
use crate::client::S3;
use crate::customer_key::WithKey;
use crate::error::from_sdk;
use crate::read::{Address, described, head};
use crate::store::Shared;

/// The metadata that says which upload an object came from: after a lost reply it tells our object
/// from another's.
pub(crate) const MARK: &str = "etcdbr-upload";

/// The end of an upload. An error may come with status 200, which the SDK knows.
const COMPLETED: &[&str] = &["CompleteMultipartUploadResult", "Error"];

/// An object on its way: a multipart upload of S3.
#[derive(Debug)]
pub(crate) struct S3Upload {
    shared: Arc<Shared>,
    key: Key,
    name: String,
    mode: PutMode,
    upload_id: String,
    mark: String,
}

impl S3Upload {
    pub(crate) async fn start(shared: Arc<Shared>, key: &Key, mode: PutMode) -> Result<Self> {
        let name = shared.keys.name(key);
        let mark = nonce();
        let s3 = shared.client().await;
        let sse = s3.customer_key.as_ref();
        let asked = s3
            .sdk
            .create_multipart_upload()
            .bucket(&shared.bucket)
            .key(&name)
            .metadata(MARK, &mark)
            .with_key(sse)
            .customize()
            .interceptor(Answer::to(
                "start_upload",
                &["InitiateMultipartUploadResult"],
            ));
        let started = asked.send().await;
        let started = shared.client.seen(
            &s3,
            started.map_err(|failed| from_sdk("start_upload", failed)),
        );
        let upload_id = started.await?.upload_id;
        Ok(Self {
            upload_id: upload_id.ok_or_else(|| odd("start_upload", "it has no upload id"))?,
            key: key.clone(),
            shared,
            name,
            mode,
            mark,
        })
    }

    /// The object that an earlier, unheard answer to `complete` was about.
    async fn finished(&self, s3: &S3) -> Result<Option<ObjectMeta>> {
        let id = ObjectId::from(self.key.clone());
        let found = absent(head(s3, self.address(&id), "complete").await)?;
        let ours = found.filter(|found| is_marked(found, &self.mark));
        ours.map(|found| described(&found, self.address(&id)))
            .transpose()
    }

    fn address<'a>(&'a self, id: &'a ObjectId) -> Address<'a> {
        self.shared.address(&self.name, id)
    }

    async fn complete_with(
        &self,
        s3: &Arc<S3>,
        parts: CompletedMultipartUpload,
    ) -> Result<Option<String>> {
        let create = self.mode == PutMode::CreateNew;
        if create && !self.shared.capabilities.create_new {
            self.shared
                .refuse_taken(s3, "complete", &self.key, &self.name)
                .await?;
        }
        let only_new = (create && self.shared.capabilities.create_new).then(|| "*".to_owned());
        let sse = s3.customer_key.as_ref();
        let done = send_again(|| {
            s3.sdk
                .complete_multipart_upload()
                .bucket(&self.shared.bucket)
                .key(&self.name)
                .upload_id(&self.upload_id)
                .multipart_upload(parts.clone())
                .set_if_none_match(only_new.clone())
                .with_key(sse)
                .customize()
                .interceptor(Answer::to("complete", COMPLETED))
                .send()
        });
        let done = done.await.map_err(|failed| from_sdk("complete", failed));
        Ok(self.shared.client.seen(s3, done).await?.version_id)
    }
}

fn is_marked(head: &HeadObjectOutput, mark: &str) -> bool {
    let metadata = head.metadata().and_then(|metadata| metadata.get(MARK));
    metadata.is_some_and(|found| found == mark)
}

/// 1..=n without a gap, as the contract wants it: S3 itself would skip over a missing one.
fn in_order(parts: &[PartReceipt], key: &Key) -> Result<CompletedMultipartUpload> {
    let mut all = CompletedMultipartUpload::builder();
    for (number, receipt) in (1..).zip(parts) {
        if receipt.number != number {
            let message = format!("part {number} of the upload is missing");
            return Err(Error::new(ErrorKind::Corrupt, "complete", message).with_key(key));
        }
        let part = CompletedPart::builder()
            .part_number(s3_number(number))
            .e_tag(&receipt.token);
        all = all.parts(part.build());
    }
    Ok(all.build())
}

fn s3_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[async_trait]
impl Upload for S3Upload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let s3 = self.shared.client().await;
        let sse = s3.customer_key.as_ref();
        let asked = s3
            .sdk
            .upload_part()
            .bucket(&self.shared.bucket)
            .key(&self.name)
            .upload_id(&self.upload_id)
            .part_number(s3_number(number))
            .body(data.into())
            .with_key(sse);
        let sent = asked
            .send()
            .await
            .map_err(|failed| from_sdk("part", failed));
        let sent = self
            .shared
            .client
            .seen(&s3, sent)
            .await
            .map_err(|error| error.about(&self.key))?;
        Ok(PartReceipt {
            number,
            token: sent.e_tag.ok_or_else(|| odd("part", "it has no etag"))?,
        })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let all = in_order(parts, &self.key)?;
        let s3 = self.shared.client().await;
        let version = match self.complete_with(&s3, all).await {
            Ok(version) => version,
            // Gone, or taken: perhaps by ourselves, and the answer was lost.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) =>
            {
                let ours = self.finished(&s3).await?;
                return ours.ok_or_else(|| error.about(&self.key));
            }
            Err(error) => return Err(error.about(&self.key)),
        };
        let id = ObjectId::from(self.key.clone());
        let id = self.address(&id).known(version.as_deref());
        let found = head(&s3, self.address(&id), "complete").await;
        let found = found.map_err(|error| error.about(&self.key))?;
        described(&found, self.address(&id))
    }

    async fn abort(&self) -> Result<()> {
        let s3 = self.shared.client().await;
        let asked = s3
            .sdk
            .abort_multipart_upload()
            .bucket(&self.shared.bucket)
            .key(&self.name)
            .upload_id(&self.upload_id);
        let done = asked
            .send()
            .await
            .map_err(|failed| from_sdk("abort", failed));
        match self.shared.client.seen(&s3, done).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other.map(drop).map_err(|error| error.about(&self.key)),
        }
    }
}
