use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use super::backoff::RetryPolicy;
use super::extent::narrowed;
use super::resume::Resume;
use crate::pages::answers;
use crate::{
    Capabilities, Copied, Download, ErrorKind, Key, ListPage, ListRequest, Location, ObjectId,
    ObjectMeta, Original, PartReceipt, PutMode, PutOptions, Result, Snapstore, SnapstoreExt,
    Upload, UploadOptions,
};

/// Tries again what may succeed later. The only layer that does: backends say what may.
#[derive(Debug)]
pub struct Retry {
    inner: Arc<dyn Snapstore>,
    policy: Arc<RetryPolicy>,
}

impl Retry {
    /// `inner`, tried again as `policy` says.
    pub fn new(inner: Arc<dyn Snapstore>, policy: Arc<RetryPolicy>) -> Self {
        Self { inner, policy }
    }

    /// One try of a put. When an earlier one's reply was lost, the object may be there, put by
    /// us: it is ours if it holds our bytes. (If another put the same bytes just then, nobody can
    /// tell, and it does not matter.)
    async fn put_once(
        &self,
        tried: u32,
        key: &Key,
        data: Bytes,
        options: PutOptions,
    ) -> Result<ObjectMeta> {
        let create = options.mode == PutMode::CreateNew;
        let put = self.inner.put(key, data.clone(), options).await;
        let taken = matches!(&put, Err(error) if error.kind() == ErrorKind::AlreadyExists);
        if tried == 1 || !create || !taken {
            return put;
        }
        match self.holds(key, &data).await? {
            Some(meta) => Ok(meta),
            None => put,
        }
    }

    /// What is stored under `key`, if it is `data`.
    async fn holds(&self, key: &Key, data: &Bytes) -> Result<Option<ObjectMeta>> {
        let id = ObjectId::from(key.clone());
        let meta = self.inner.head(&id).await?;
        if meta.size != data.len() as u64 {
            return Ok(None);
        }
        // Read back with the policy of any other read: the store is having a bad time.
        let reader = Resume::new(self.inner.clone(), self.policy.clone());
        let held = reader.read(&id).await?;
        Ok((held == *data).then_some(meta))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Snapstore for Retry {
    fn location(&self) -> &Location {
        self.inner.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.policy
            .of(|tried| self.put_once(tried, key, data.clone(), options.clone()))
            .await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let inner = self
            .policy
            .of(|_| self.inner.start_upload(key, options.clone()))
            .await?;
        Ok(Box::new(RetryUpload {
            inner,
            policy: self.policy.clone(),
        }))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let get = async || {
            let download = self.inner.get(object, range.clone()).await?;
            narrowed(download, range.as_ref())
        };
        self.policy.of(|_| get()).await
    }

    /// After an answer that was lost the name may be taken, by our own copy: nobody knows then, and whoever asked has the
    /// original to compare it with.
    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        self.policy
            .of(|_| self.inner.copy_within(original, key, options.clone()))
            .await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.policy.of(|_| self.inner.head(object)).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        // What is no answer to this is asked again: a proxy had its say, or a node without its index.
        let list = async || answers(request, self.inner.list(request).await?);
        self.policy.of(|_| list()).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.policy.of(|_| self.inner.delete(object)).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.policy.of(|_| self.inner.sweep(idle_since)).await
    }
}

struct RetryUpload {
    inner: Box<dyn Upload>,
    policy: Arc<RetryPolicy>,
}

impl fmt::Debug for RetryUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RetryUpload").field(&self.inner).finish()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Upload for RetryUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        self.policy
            .of(|_| self.inner.part(number, data.clone()))
            .await
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        self.policy.of(|_| self.inner.complete(parts)).await
    }

    async fn abort(&self) -> Result<()> {
        self.policy.of(|_| self.inner.abort()).await
    }
}
