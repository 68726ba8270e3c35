use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use server::Metrics;
use server::metrics::{Call, Outcome};
use snapstore::{
    Bytes, Capabilities, Copied, Download, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, Original, PartReceipt, PutOptions, Result, Snapstore, Upload,
    UploadOptions,
};

/// A store whose calls are counted.
pub(super) struct Counted<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S> Counted<S> {
    pub(super) fn new(inner: S, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }

    fn count<T>(&self, call: Call, answer: Result<T>) -> Result<T> {
        // That there is no such object is an answer.
        let is_answer = |kind| matches!(kind, ErrorKind::NotFound | ErrorKind::AlreadyExists);
        let outcome = match &answer {
            Err(error) if !is_answer(error.kind()) => Outcome::Failed,
            _ => Outcome::Succeeded,
        };
        self.metrics.store_called(call, outcome);
        answer
    }
}

impl<S: fmt::Debug> fmt::Debug for Counted<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl Snapstore for Counted<Arc<dyn Snapstore>> {
    fn location(&self) -> &Location {
        self.inner.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let answer = self.inner.put(key, data, options).await;
        self.count(Call::Put, answer)
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let answer = self.inner.start_upload(key, options).await;
        let upload = self.count(Call::StartUpload, answer)?;
        Ok(Box::new(Counted::new(upload, self.metrics.clone())))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let answer = self.inner.get(object, range).await;
        self.count(Call::Get, answer)
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let answer = self.inner.copy_within(original, key, options).await;
        self.count(Call::Copy, answer)
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let answer = self.inner.head(object).await;
        self.count(Call::Head, answer)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let answer = self.inner.list(request).await;
        self.count(Call::List, answer)
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let answer = self.inner.delete(object).await;
        self.count(Call::Delete, answer)
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let answer = self.inner.sweep(idle_since).await;
        self.count(Call::Sweep, answer)
    }
}

#[async_trait]
impl Upload for Counted<Box<dyn Upload>> {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let answer = self.inner.part(number, data).await;
        self.count(Call::PutPart, answer)
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let answer = self.inner.complete(parts).await;
        self.count(Call::Complete, answer)
    }

    async fn abort(&self) -> Result<()> {
        let answer = self.inner.abort().await;
        self.count(Call::Abort, answer)
    }
}
