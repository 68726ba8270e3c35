//! Bodies that break off, on servers that make it hard to go on. A STUB: a store in memory whose first
//! body ends half way.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use conformance_tests::NoWaiting;
use futures::StreamExt;
use snapstore::layers::{Backoff, Resume, Retry, RetryPolicy};
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Download, Error, ErrorKind, Key, ObjectId, PutOptions, Result, Snapstore, SnapstoreExt,
};
use testkit::hooks::{Hooked, Hooks};

/// How the server tags an object.
#[derive(Debug, Clone, Copy)]
enum Tags {
    /// As it should.
    Right,
    /// Not at all.
    None,
    /// Otherwise in each answer, as nodes do that each have their own.
    Each,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ranges {
    Heeded,
    /// All of it is sent, whatever was asked for (RFC 9110 allows that).
    Ignored,
}

#[derive(Debug)]
struct Server {
    store: MemoryStore,
    tags: Tags,
    ranges: Ranges,
    /// What is put in its place after the first body began.
    replaced_by: Option<Bytes>,
    gets: AtomicU64,
}

#[async_trait]
impl Hooks for Server {
    fn store(&self) -> &dyn Snapstore {
        &self.store
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let number = self.gets.fetch_add(1, Ordering::SeqCst);
        let range = range.filter(|_| self.ranges == Ranges::Heeded);
        let mut download = self.store.get(object, range).await?;
        match self.tags {
            Tags::Right => {}
            Tags::None => download.meta.etag = None,
            Tags::Each => download.meta.etag = Some(number.to_string()),
        }
        if number == 0 {
            let broken = Error::new(ErrorKind::Unexpected, "get", "reset").retryable();
            let end = futures::stream::iter([Err(broken)]);
            download.body = Box::pin(download.body.take(2).chain(end));
            if let Some(other) = &self.replaced_by {
                let options = PutOptions::overwrite();
                self.store.put(&object.key, other.clone(), options).await?;
            }
        }
        Ok(download)
    }
}

/// Of so many pieces of the store in memory.
fn content() -> Bytes {
    (0..300_000_u32).map(|number| (number >> 3) as u8).collect()
}

async fn read(tags: Tags, ranges: Ranges, replaced_by: Option<Bytes>) -> Result<Bytes> {
    let store = MemoryStore::new();
    let key = Key::new("v2/a").unwrap();
    let put = store.put(&key, content(), PutOptions::default());
    put.await.unwrap();
    let server = Arc::new(Hooked(Server {
        store,
        tags,
        ranges,
        replaced_by,
        gets: AtomicU64::new(0),
    }));
    let policy = RetryPolicy::new(Backoff::default(), Arc::new(NoWaiting), 7);
    let retrying = Arc::new(Retry::new(server, policy.clone()));
    Resume::new(retrying, policy).read(&key.into()).await
}

const ALL: [(Tags, Ranges); 6] = [
    (Tags::Right, Ranges::Heeded),
    (Tags::Right, Ranges::Ignored),
    (Tags::None, Ranges::Heeded),
    (Tags::None, Ranges::Ignored),
    (Tags::Each, Ranges::Heeded),
    (Tags::Each, Ranges::Ignored),
];

/// One lost connection ended a restore where the server ignores `Range`, has no tags, or one on each
/// node: "the object was replaced", which it was not.
#[tokio::test]
async fn a_body_goes_on_whatever_the_server_says_of_it() {
    for (tags, ranges) in ALL {
        let read = read(tags, ranges, None).await;
        assert_eq!(read.unwrap(), content(), "{tags:?}, {ranges:?}");
    }
}

/// And never with another object, of whatever length.
#[tokio::test]
async fn a_body_does_not_go_on_with_another_object() {
    let mut other = content().to_vec();
    other[0] ^= 1;
    let longer = [&content()[..], b"x"].concat();
    for replaced_by in [other, longer] {
        for (tags, ranges) in ALL {
            let error = read(tags, ranges, Some(replaced_by.clone().into())).await;
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unexpected, "{error}");
            assert!(error.to_string().contains("was replaced"), "{error}");
        }
    }
}
