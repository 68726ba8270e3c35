//! A stub: a store in memory of which one call goes wrong.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ObjectId, ObjectMeta, PartReceipt,
    PutOptions, Result, Snapstore, Upload, UploadOptions,
};
use testkit::hooks::Hooks;

use crate::set_up::Told;

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum How {
    /// Nothing is done, and an error is answered.
    Refuses,
    /// It is done, and an error is answered.
    LosesAnswer,
    /// It is never answered; time passes then.
    Stalls(Arc<Told>),
    /// It is done with the last byte changed, and answered as if nothing was.
    Changes,
    /// It is done without the last byte, and answered as if nothing was.
    Shortens,
}

#[derive(Debug)]
struct Trouble {
    call: usize,
    how: How,
    calls: AtomicUsize,
}

impl Trouble {
    /// What becomes of this call.
    fn now(&self) -> Option<&How> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        (call == self.call).then_some(&self.how)
    }

    async fn before(&self, how: Option<&How>) -> Result<()> {
        match how {
            Some(How::Refuses) => Err(broken()),
            Some(How::Stalls(clock)) => {
                clock.pass();
                std::future::pending().await
            }
            _ => Ok(()),
        }
    }

    fn after<T>(&self, how: Option<&How>, done: T) -> Result<T> {
        match how {
            Some(How::LosesAnswer) => Err(broken()),
            _ => Ok(done),
        }
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::Unexpected, "call", "the connection broke")
}

/// What is really stored.
fn spoiled(data: Bytes, how: Option<&How>) -> Bytes {
    match how {
        Some(How::Shortens) => data.slice(..data.len().saturating_sub(1)),
        Some(How::Changes) => {
            let mut bytes = data.to_vec();
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            bytes.into()
        }
        _ => data,
    }
}

#[derive(Debug)]
pub(crate) struct Troubled {
    pub(crate) store: MemoryStore,
    capabilities: Capabilities,
    trouble: Arc<Trouble>,
}

impl Troubled {
    /// As [`Troubled::at`], and it says that it compares no checksums.
    pub(crate) fn without_checksums(call: usize, how: How) -> Self {
        let mut store = Self::at(call, how);
        store.capabilities.checks_content = false;
        store
    }

    /// The call with this number goes wrong, from 0.
    pub(crate) fn at(call: usize, how: How) -> Self {
        let store = MemoryStore::new();
        Self {
            capabilities: store.capabilities().clone(),
            store,
            trouble: Arc::new(Trouble {
                call,
                how,
                calls: AtomicUsize::new(0),
            }),
        }
    }

    /// Whether it was asked so often that something went wrong.
    pub(crate) fn was_troubled(&self) -> bool {
        self.trouble.calls.load(Ordering::Relaxed) > self.trouble.call
    }
}

#[async_trait]
impl Hooks for Troubled {
    fn store(&self) -> &dyn Snapstore {
        &self.store
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let how = self.trouble.now();
        self.trouble.before(how).await?;
        let size = data.len() as u64;
        let done = self.store.put(key, spoiled(data, how), options).await?;
        self.trouble.after(how, ObjectMeta { size, ..done })
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let how = self.trouble.now();
        self.trouble.before(how).await?;
        let upload = self.store.start_upload(key, options).await?;
        let trouble = self.trouble.clone();
        self.trouble
            .after(how, Box::new(TroubledUpload { upload, trouble }))
            .map(|upload| upload as Box<dyn Upload>)
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let how = self.trouble.now();
        self.trouble.before(how).await?;
        self.trouble
            .after(how, self.store.get(object, range).await?)
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let how = self.trouble.now();
        self.trouble.before(how).await?;
        self.trouble.after(how, self.store.head(object).await?)
    }
}

#[derive(Debug)]
struct TroubledUpload {
    upload: Box<dyn Upload>,
    trouble: Arc<Trouble>,
}

#[async_trait]
impl Upload for TroubledUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let how = self.trouble.now();
        self.trouble.before(how).await?;
        let done = self.upload.part(number, spoiled(data, how)).await?;
        self.trouble.after(how, done)
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let how = self.trouble.now();
        self.trouble.before(how).await?;
        let done = self.upload.complete(parts).await?;
        self.trouble.after(how, done)
    }

    async fn abort(&self) -> Result<()> {
        let how = self.trouble.now();
        self.trouble.before(how).await?;
        self.upload.abort().await
    }
}
