//! STUBS: stores in memory that are read only, break off, lose answers, garble and refuse.

use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use snapstore::clock::Clock;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ObjectId, ObjectMeta, PutOptions, Result,
    Snapstore, Upload, UploadOptions,
};
use testkit::hooks::Hooks;

/// A clock whose waits are over at once.
#[derive(Debug)]
pub(crate) struct Hurried;

#[async_trait]
impl Clock for Hurried {
    async fn sleep(&self, _duration: Duration) {
        tokio::task::yield_now().await;
    }
}

/// What is wrong with the object of this key when it is read.
#[derive(Debug, Clone)]
pub(crate) enum Reads {
    Sound,
    /// The body ends in an error after so many bytes.
    BreakOff(Key, usize),
    /// As many bytes, of which this one is another.
    Flip(Key, usize),
    /// More bytes than were listed.
    Longer(Key),
    /// It may not be read.
    Refused(Key),
}

/// A source that may be read and nothing else.
#[derive(Debug)]
pub(crate) struct ReadOnly(pub(crate) MemoryStore, pub(crate) Reads);

#[async_trait]
impl Hooks for ReadOnly {
    fn store(&self) -> &dyn Snapstore {
        &self.0
    }

    async fn put(&self, key: &Key, _: Bytes, _: PutOptions) -> Result<ObjectMeta> {
        unreachable!("{key} is written to the source")
    }

    async fn start_upload(&self, key: &Key, _: UploadOptions) -> Result<Box<dyn Upload>> {
        unreachable!("{key} is written to the source")
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        unreachable!("{} is deleted at the source", object.key)
    }

    async fn sweep(&self, _: std::time::SystemTime) -> Result<u64> {
        unreachable!("the source is swept")
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let mut download = self.0.get(object, range).await?;
        let whole: Vec<_> = download.body.collect().await;
        let whole: Vec<u8> = whole.into_iter().flat_map(|piece| piece.unwrap()).collect();
        let pieces: Vec<Result<Bytes>> = match &self.1 {
            Reads::BreakOff(key, at) if *key == object.key => {
                let error = Error::new(ErrorKind::Unexpected, "get", "connection reset");
                let before = Bytes::copy_from_slice(&whole[..*at]);
                vec![Ok(before), Err(error.with_key(key))]
            }
            Reads::Flip(key, at) if *key == object.key => {
                let mut other = whole.clone();
                other[*at] ^= 1;
                vec![Ok(other.into())]
            }
            Reads::Longer(key) if *key == object.key => {
                download.meta.size += 1;
                download.range.end += 1;
                vec![Ok(whole.into()), Ok(Bytes::from_static(b"x"))]
            }
            Reads::Refused(key) if *key == object.key => {
                let error = Error::new(ErrorKind::Denied, "get", "403 AccessDenied");
                return Err(error.with_key(key));
            }
            _ => vec![Ok(whole.into())],
        };
        download.body = Box::pin(futures::stream::iter(pieces));
        Ok(download)
    }
}

/// What a destination does with what it is given.
#[derive(Debug)]
pub(crate) enum Takes {
    Soundly,
    /// Stores it, and its answer is lost.
    LosesAnswer(Key),
    /// Stores other bytes, as many.
    Garbles(Key),
    /// Refuses it.
    Refuses(Key),
    /// Somebody else puts these bytes under that key a moment before.
    Raced(Key, Bytes),
}

#[derive(Debug)]
pub(crate) struct Destination {
    store: MemoryStore,
    takes: Takes,
    capabilities: Capabilities,
    /// The keys, as they arrived.
    pub(crate) order: Mutex<Vec<String>>,
}

impl Destination {
    pub(crate) fn new(store: &MemoryStore, takes: Takes) -> Self {
        let mut capabilities = store.capabilities().clone();
        // What garbles compares no checksums.
        capabilities.checks_content = !matches!(takes, Takes::Garbles(_));
        Self {
            store: store.clone(),
            takes,
            capabilities,
            order: Mutex::default(),
        }
    }
}

#[async_trait]
impl Hooks for Destination {
    fn store(&self) -> &dyn Snapstore {
        &self.store
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        // Others go on meanwhile.
        for _ in 0..data.len() % 7 {
            tokio::task::yield_now().await;
        }
        let mut data = data;
        match &self.takes {
            Takes::Refuses(one) if one == key => {
                return Err(Error::new(ErrorKind::Denied, "put", "403").with_key(key));
            }
            Takes::Garbles(one) if one == key => {
                let mut other = data.to_vec();
                other[9] ^= 1;
                data = other.into();
            }
            Takes::Raced(one, bytes) if one == key => {
                let first = self.store.put(key, bytes.clone(), PutOptions::default());
                first.await?;
            }
            _ => {}
        }
        let stored = self.store.put(key, data, options).await?;
        self.order.lock().unwrap().push(key.to_string());
        match &self.takes {
            Takes::LosesAnswer(one) if one == key => {
                let error = Error::new(ErrorKind::Unexpected, "put", "connection reset");
                Err(error.with_key(key).retryable())
            }
            _ => Ok(stored),
        }
    }
}
