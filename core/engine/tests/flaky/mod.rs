//! A stub: a store in memory whose reads fail as those of a provider in trouble do.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use snapstore::clock::Clock;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

/// What goes wrong.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The first reads are answered with 503.
    For(usize),
    /// All are.
    Always,
    /// Those of this object are.
    With(Key),
    /// It is listed, and not there.
    Gone(Key),
}

/// A clock whose waits are over at once.
#[derive(Debug)]
pub(crate) struct Hurried;

#[async_trait]
impl Clock for Hurried {
    async fn sleep(&self, _duration: Duration) {
        tokio::task::yield_now().await;
    }
}

#[derive(Debug)]
pub(crate) struct Flaky {
    store: MemoryStore,
    trouble: Trouble,
    reads: AtomicUsize,
}

impl Flaky {
    pub(crate) fn new(store: MemoryStore, trouble: Trouble) -> Self {
        let reads = AtomicUsize::new(0);
        Self {
            store,
            trouble,
            reads,
        }
    }

    fn fails(&self, operation: &'static str, key: Option<&Key>) -> Result<()> {
        let before = self.reads.fetch_add(1, Ordering::Relaxed);
        let unavailable = || Err(Error::new(ErrorKind::Unexpected, operation, "503").retryable());
        match (&self.trouble, key) {
            (Trouble::For(count), _) if before < *count => unavailable(),
            (Trouble::Always, _) => unavailable(),
            (Trouble::With(one), Some(key)) if one == key => unavailable(),
            (Trouble::Gone(one), Some(key)) if one == key => {
                Err(Error::new(ErrorKind::NotFound, operation, "404").with_key(key))
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Snapstore for Flaky {
    fn location(&self) -> &Location {
        self.store.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.store.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.store.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.store.start_upload(key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.fails("get", Some(&object.key))?;
        self.store.get(object, range).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.store.head(object).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.fails("list", None)?;
        self.store.list(request).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.store.delete(object).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.store.sweep(idle_since).await
    }
}
