//! A store on a bad day: calls fail before they are heard or after they are done, bodies break off.
//! Everything it does is decided by its seed.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use fastrand::Rng;
use futures::StreamExt;
use snapstore::clock::Clock;
use snapstore::{
    ByteStream, Bytes, Capabilities, Copied, Download, Error, ErrorKind, Key, ListPage,
    ListRequest, Location, ObjectId, ObjectMeta, Original, PartReceipt, PutOptions, Result,
    Snapstore, Upload, UploadOptions,
};

/// A clock on which waiting takes no time.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWaiting;

#[async_trait]
impl Clock for NoWaiting {
    async fn sleep(&self, _duration: Duration) {
        tokio::task::yield_now().await;
    }
}

/// A [`Snapstore`] of which a share of the calls fails, all in ways that may be tried again.
#[derive(Debug)]
pub struct Faulty {
    inner: Arc<dyn Snapstore>,
    dice: Arc<Dice>,
}

#[derive(Debug)]
struct Dice {
    random: Mutex<Rng>,
    /// Of a hundred calls, so many fail.
    percent: u8,
    faults: AtomicU64,
}

/// What happens to a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Disposition {
    Well,
    /// It never arrives.
    Unheard,
    /// It is done, and the reply is lost.
    Unanswered,
}

impl Dice {
    fn roll(&self) -> Disposition {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        if random.u8(..100) >= self.percent {
            return Disposition::Well;
        }
        self.faults.fetch_add(1, Ordering::Relaxed);
        if random.bool() {
            Disposition::Unheard
        } else {
            Disposition::Unanswered
        }
    }

    async fn of<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        match self.roll() {
            Disposition::Well => work.await,
            Disposition::Unheard => Err(lost(operation)),
            Disposition::Unanswered => {
                work.await?;
                Err(lost(operation))
            }
        }
    }
}

fn lost(operation: &'static str) -> Error {
    Error::new(
        ErrorKind::Unexpected,
        operation,
        "connection reset (injected)",
    )
    .retryable()
}

impl Faulty {
    /// `inner`, failing `percent` of a hundred calls.
    pub fn new(inner: Arc<dyn Snapstore>, percent: u8, seed: u64) -> Self {
        let random = Mutex::new(Rng::with_seed(seed));
        Self {
            inner,
            dice: Arc::new(Dice {
                random,
                percent,
                faults: AtomicU64::new(0),
            }),
        }
    }

    /// How many calls and bodies have failed so far.
    pub fn faults(&self) -> u64 {
        self.dice.faults.load(Ordering::Relaxed)
    }
}

/// `body`, which may break off: loudly, or as if it had come to its end.
fn breaking(body: ByteStream, dice: Arc<Dice>) -> ByteStream {
    Box::pin(futures::stream::unfold(Some(body), move |body| {
        let dice = dice.clone();
        async move {
            let mut body = body?;
            match dice.roll() {
                Disposition::Well => body.next().await.map(|piece| (piece, Some(body))),
                Disposition::Unheard => Some((Err(lost("get")), None)),
                Disposition::Unanswered => None,
            }
        }
    }))
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Snapstore for Faulty {
    fn location(&self) -> &Location {
        self.inner.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.dice
            .of("put", self.inner.put(key, data, options))
            .await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let inner = self
            .dice
            .of("start_upload", self.inner.start_upload(key, options))
            .await?;
        Ok(Box::new(FaultyUpload {
            inner,
            dice: self.dice.clone(),
        }))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let mut download = self.dice.of("get", self.inner.get(object, range)).await?;
        download.body = breaking(download.body, self.dice.clone());
        Ok(download)
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let copied = self.inner.copy_within(original, key, options);
        self.dice.of("copy", copied).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.dice.of("head", self.inner.head(object)).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.dice.of("list", self.inner.list(request)).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.dice.of("delete", self.inner.delete(object)).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.dice.of("sweep", self.inner.sweep(idle_since)).await
    }
}

struct FaultyUpload {
    inner: Box<dyn Upload>,
    dice: Arc<Dice>,
}

impl fmt::Debug for FaultyUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FaultyUpload").field(&self.inner).finish()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Upload for FaultyUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        self.dice.of("part", self.inner.part(number, data)).await
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        self.dice.of("complete", self.inner.complete(parts)).await
    }

    async fn abort(&self) -> Result<()> {
        self.dice.of("abort", self.inner.abort()).await
    }
}
