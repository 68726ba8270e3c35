//! A stub: a store in memory whose reads fail as those of a provider in trouble do.
#![allow(dead_code, reason = "each test program uses its part")]

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use snapstore::clock::Clock;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Download, Error, ErrorKind, Key, ListPage, ListRequest, ObjectId, PutOptions, Result,
    Snapstore,
};
use testkit::hooks::Hooks;

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
    /// Garbage collection takes it after it was listed.
    Taken(Key),
    /// The same, and at that moment somebody writes over the other one what nobody understands.
    TakenAndSpoilt(Key, Key),
    /// So many reads of it are answered by a proxy, with a page of its own.
    Page(Key, usize),
    /// Who asks may not list what begins so.
    Forbidden(&'static str),
    /// So many reads of it bring as many bytes as it has, and they are others.
    Garbled(Key, usize),
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
    wrong: AtomicUsize,
    lists: AtomicUsize,
}

impl Flaky {
    pub(crate) fn new(store: MemoryStore, trouble: Trouble) -> Self {
        Self {
            store,
            trouble,
            reads: AtomicUsize::new(0),
            wrong: AtomicUsize::new(0),
            lists: AtomicUsize::new(0),
        }
    }

    /// How often it was listed.
    pub(crate) fn lists(&self) -> usize {
        self.lists.load(Ordering::Relaxed)
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

    /// The read of `key` with this number (from 0 for each) brings something else.
    fn is_read_wrong(&self, key: &Key) -> bool {
        let (Trouble::Page(one, times) | Trouble::Garbled(one, times)) = &self.trouble else {
            return false;
        };
        one == key && self.wrong.fetch_add(1, Ordering::Relaxed) < *times
    }
}

/// What a proxy says in the place of a store.
const PAGE: &[u8] = b"<html>maintenance</html>";

#[async_trait]
impl Hooks for Flaky {
    fn store(&self) -> &dyn Snapstore {
        &self.store
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.fails("get", Some(&object.key))?;
        if let Trouble::Taken(one) = &self.trouble
            && *one == object.key
        {
            self.store.delete(object).await?;
        }
        if let Trouble::TakenAndSpoilt(one, other) = &self.trouble
            && *one == object.key
        {
            self.store.delete(object).await?;
            let put = self
                .store
                .put(other, Bytes::from_static(b"{"), PutOptions::overwrite());
            put.await?;
        }
        let mut download = self.store.get(object, range).await?;
        if self.is_read_wrong(&object.key) {
            let body = match &self.trouble {
                Trouble::Page(..) => Bytes::from_static(PAGE),
                _ => vec![7; usize::try_from(download.meta.size).unwrap()].into(),
            };
            download.meta.size = body.len() as u64;
            download.range = 0..download.meta.size;
            download.body = Box::pin(futures::stream::iter([Ok(body)]));
        }
        Ok(download)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.lists.fetch_add(1, Ordering::Relaxed);
        self.fails("list", None)?;
        if let Trouble::Forbidden(prefix) = &self.trouble
            && request.prefix == *prefix
        {
            return Err(Error::new(ErrorKind::Denied, "list", "403"));
        }
        self.store.list(request).await
    }
}
