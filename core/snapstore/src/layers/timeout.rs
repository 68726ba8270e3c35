use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;

use super::deadline::{Deadlines, Watch};
use super::rate::LeastRate;
use super::silence::watched;
use crate::clock::Clock;
use crate::{
    Capabilities, Copied, Download, Key, ListPage, ListRequest, Location, ObjectId, ObjectMeta,
    Original, PartReceipt, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

/// Gives up on calls that take too long. Such an error may be tried again.
#[derive(Debug)]
pub struct Timeout {
    inner: Arc<dyn Snapstore>,
    watch: Watch,
}

impl Timeout {
    /// `inner` with deadlines.
    pub fn new(inner: Arc<dyn Snapstore>, deadlines: Deadlines, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            watch: Watch {
                deadlines,
                least: LeastRate::default(),
                clock,
            },
        }
    }

    fn call(&self) -> Duration {
        self.watch.deadlines.call
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Snapstore for Timeout {
    fn location(&self) -> &Location {
        self.inner.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let limit = self.watch.deadlines.body;
        let done = self
            .watch
            .of(
                "put",
                key.as_str(),
                limit,
                self.inner.put(key, data, options),
            )
            .await;
        done.map_err(|error| error.about(key))
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let started = self.inner.start_upload(key, options);
        let started = self
            .watch
            .of("start_upload", key.as_str(), self.call(), started)
            .await;
        let inner = started.map_err(|error| error.about(key))?;
        Ok(Box::new(TimeoutUpload {
            inner,
            key: key.clone(),
            watch: self.watch.clone(),
        }))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let begun = self
            .watch
            .of(
                "get",
                object.key.as_str(),
                self.call(),
                self.inner.get(object, range),
            )
            .await;
        let mut download = begun.map_err(|error| error.about(&object.key))?;
        let Range { start, end } = download.range;
        tracing::trace!("get {}: bytes {start} to {end} follow", object.key);
        download.body = watched(download.body, self.watch.clone(), object.key.clone());
        Ok(download)
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let limit = self.watch.deadlines.of_copy(original.object.size);
        let copied = self.inner.copy_within(original, key, options);
        let done = self.watch.of("copy", key.as_str(), limit, copied).await;
        done.map_err(|error| error.about(key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let done = self
            .watch
            .of(
                "head",
                object.key.as_str(),
                self.call(),
                self.inner.head(object),
            )
            .await;
        done.map_err(|error| error.about(&object.key))
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let page = self.inner.list(request);
        let page = self
            .watch
            .of("list", &request.prefix, self.call(), page)
            .await?;
        let more = match page.next {
            Some(_) => ", and more follow",
            None => "",
        };
        let (prefix, found) = (&request.prefix, page.objects.len());
        tracing::trace!("list {prefix}: found {found}{more}");
        Ok(page)
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let done = self
            .watch
            .of(
                "delete",
                object.key.as_str(),
                self.call(),
                self.inner.delete(object),
            )
            .await;
        done.map_err(|error| error.about(&object.key))
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        // As long as a body: it may list and remove a lot.
        let limit = self.watch.deadlines.body;
        self.watch
            .of("sweep", "", limit, self.inner.sweep(idle_since))
            .await
    }
}

struct TimeoutUpload {
    inner: Box<dyn Upload>,
    key: Key,
    watch: Watch,
}

impl fmt::Debug for TimeoutUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TimeoutUpload").field(&self.inner).finish()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Upload for TimeoutUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let limit = self.watch.deadlines.body;
        let done = self
            .watch
            .of(
                "part",
                &format!("{number} of {}", self.key),
                limit,
                self.inner.part(number, data),
            )
            .await;
        done.map_err(|error| error.about(&self.key))
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let limit = self.watch.deadlines.body;
        let done = self
            .watch
            .of(
                "complete",
                self.key.as_str(),
                limit,
                self.inner.complete(parts),
            )
            .await;
        done.map_err(|error| error.about(&self.key))
    }

    async fn abort(&self) -> Result<()> {
        let limit = self.watch.deadlines.call;
        let done = self
            .watch
            .of("abort", self.key.as_str(), limit, self.inner.abort())
            .await;
        done.map_err(|error| error.about(&self.key))
    }
}
