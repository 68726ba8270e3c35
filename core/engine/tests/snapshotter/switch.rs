//! A stub: a store in memory that can be switched off, or keeps answers to itself. It counts what it is asked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Download, Error, ErrorKind, Key, ListPage, ListRequest, ObjectId, ObjectMeta,
    PartReceipt, PutOptions, Result, Snapstore, Upload, UploadOptions,
};
use testkit::hooks::Hooks;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How writes go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Writes {
    /// As they should.
    #[default]
    Work,
    /// All fail.
    Fail,
    /// What is stored is answered by an error.
    LoseAnswers,
    /// The credentials may not write.
    Refuse,
    /// Those below `meta/` are refused.
    RefuseMetadata,
    /// A put of a full is stored when [`Switch::answer`] says so, whether anybody waits for it or not.
    FullsLate,
    /// A bug: a put of a full panics.
    Panic,
    /// Parts are never answered; an upload takes its time to be given up.
    HoldParts,
}

/// An upload whose parts are never answered.
#[derive(Debug)]
struct Held(Arc<AtomicUsize>);

#[async_trait]
impl Upload for Held {
    async fn part(&self, _number: u32, _data: Bytes) -> Result<PartReceipt> {
        std::future::pending().await
    }

    async fn complete(&self, _parts: &[PartReceipt]) -> Result<ObjectMeta> {
        std::future::pending().await
    }

    #[expect(clippy::disallowed_methods, reason = "a store has a time of its own")]
    async fn abort(&self) -> Result<()> {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        self.0.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct Switch {
    pub(crate) store: MemoryStore,
    writes: Mutex<Writes>,
    asked: Mutex<BTreeMap<&'static str, usize>>,
    /// Uploads that were begun and not given up, of those that are held.
    pub(crate) held: Arc<AtomicUsize>,
    answers: Arc<Notify>,
}

impl Switch {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self {
            store,
            writes: Mutex::default(),
            asked: Mutex::default(),
            held: Arc::default(),
            answers: Arc::default(),
        }
    }

    pub(crate) fn set(&self, writes: Writes) {
        *self.writes.lock().unwrap() = writes;
    }

    /// What is late is stored now.
    pub(crate) fn answer(&self) {
        self.answers.notify_waiters();
    }

    fn puts_late(
        &self,
        key: &Key,
        data: Bytes,
        options: PutOptions,
    ) -> JoinHandle<Result<ObjectMeta>> {
        let (store, key, answers) = (self.store.clone(), key.clone(), self.answers.clone());
        tokio::spawn(async move {
            answers.notified().await;
            store.put(&key, data, options).await
        })
    }

    /// How often it was asked this.
    pub(crate) fn asked(&self, method: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.get(method).copied().unwrap_or(0)
    }

    /// How often it was asked what.
    pub(crate) fn all_asked(&self) -> BTreeMap<&'static str, usize> {
        self.asked.lock().unwrap().clone()
    }

    fn count(&self, method: &'static str) {
        *self.asked.lock().unwrap().entry(method).or_default() += 1;
    }
}

fn unavailable(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unexpected, operation, "503").retryable()
}

#[async_trait]
impl Hooks for Switch {
    fn store(&self) -> &dyn Snapstore {
        &self.store
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.count("put");
        let writes = *self.writes.lock().unwrap();
        let is_metadata = key.as_str().starts_with("meta/");
        match writes {
            Writes::Fail => Err(unavailable("put")),
            Writes::Refuse => Err(Error::new(ErrorKind::Denied, "put", "AccessDenied")),
            Writes::RefuseMetadata if is_metadata => {
                Err(Error::new(ErrorKind::Denied, "put", "no"))
            }
            Writes::LoseAnswers if key.as_str().starts_with("v2/") => {
                self.store.put(key, data, options).await?;
                Err(unavailable("put"))
            }
            Writes::FullsLate if key.as_str().starts_with("v2/Full-") => {
                self.count("late full");
                self.puts_late(key, data, options).await.unwrap()
            }
            Writes::Panic if key.as_str().starts_with("v2/Full-") => {
                std::panic::resume_unwind(Box::new("a bug"))
            }
            _ => self.store.put(key, data, options).await,
        }
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.count("start_upload");
        if *self.writes.lock().unwrap() == Writes::Fail {
            return Err(unavailable("start upload"));
        }
        if *self.writes.lock().unwrap() == Writes::Refuse {
            return Err(Error::new(
                ErrorKind::Denied,
                "start upload",
                "AccessDenied",
            ));
        }
        if *self.writes.lock().unwrap() == Writes::HoldParts {
            self.held.fetch_add(1, Ordering::Relaxed);
            return Ok(Box::new(Held(self.held.clone())));
        }
        self.store.start_upload(key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.count("get");
        self.store.get(object, range).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.count("head");
        self.store.head(object).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.count("list");
        self.store.list(request).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.count("delete");
        self.store.delete(object).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.count("sweep");
        self.store.sweep(idle_since).await
    }
}
