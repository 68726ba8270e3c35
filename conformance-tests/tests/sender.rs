//! How much of a body is in memory while it is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::{Stream, StreamExt, TryStreamExt};
use snapstore::clock::{Clock, SystemClock};
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Key, ObjectMeta, PartReceipt, Result, Sending, Snapstore, SnapstoreExt, Upload,
    UploadOptions, send,
};
use testkit::hooks::{Hooked, Hooks};

const PART: usize = 1000;

/// Parts that were taken from the body and have not arrived.
#[derive(Debug, Clone, Default)]
struct Held {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Held {
    /// A body of pieces that are as long as parts.
    fn body(&self, parts: u8) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let held = self.clone();
        futures::stream::iter(0..parts).map(move |number| {
            let now = held.now.fetch_add(1, Ordering::SeqCst) + 1;
            held.most.fetch_max(now, Ordering::SeqCst);
            Ok(Bytes::from(vec![number; PART]))
        })
    }
}

/// A store far away: the first part to leave is the last to arrive.
#[derive(Debug)]
struct Slow(MemoryStore, Held);

#[derive(Debug)]
struct SlowUpload(Box<dyn Upload>, Held);

#[async_trait]
impl Upload for SlowUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let seconds = if number == 1 { 50 } else { 1 };
        SystemClock.sleep(Duration::from_secs(seconds)).await;
        self.1.now.fetch_sub(1, Ordering::SeqCst);
        self.0.part(number, data).await
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        self.0.complete(parts).await
    }

    async fn abort(&self) -> Result<()> {
        self.0.abort().await
    }
}

#[async_trait]
impl Hooks for Slow {
    fn store(&self) -> &dyn Snapstore {
        &self.0
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let upload = self.0.start_upload(key, options).await?;
        Ok(Box::new(SlowUpload(upload, self.1.clone())))
    }
}

/// A part that had arrived kept its place until all before it had arrived too: after one slow part
/// nothing moved, and its memory was not given back.
#[tokio::test(start_paused = true)]
async fn no_more_parts_are_in_memory_than_may_be_and_none_waits_for_another() {
    for parallel in [1, 2, 5] {
        let held = Held::default();
        let store = Hooked(Slow(MemoryStore::new(), held.clone()));
        let key = Key::new("v2/a").unwrap();
        let sending = Sending {
            part_size: PART as u64,
            parallel,
            ..Sending::default()
        };
        let begun = tokio::time::Instant::now();
        send(&store, &key, held.body(20), sending).await.unwrap();
        // One piece beside a part: whether it is the only one is known when a second is there.
        let most = held.most.load(Ordering::SeqCst);
        assert!(most <= parallel.max(2), "{most} with {parallel} at once");
        let whole: Vec<u8> = (0..20).flat_map(|number| [number; PART]).collect();
        assert_eq!(store.read(&key.into()).await.unwrap(), whole);
        if parallel > 1 {
            assert!(begun.elapsed() < Duration::from_secs(51), "it stood still");
        }
    }
}

/// Pieces longer than parts, shorter ones, and empty ones.
#[tokio::test]
async fn parts_end_where_they_should_whatever_the_pieces() {
    for piece in [1, 7, PART - 1, PART, PART + 1, 3 * PART, 5 * PART + 3] {
        let whole: Vec<u8> = (0..10 * PART + 1).map(|at| (at % 251) as u8).collect();
        let pieces = whole.chunks(piece).flat_map(|piece| {
            let piece = Bytes::copy_from_slice(piece);
            [Ok(Bytes::new()), Ok(piece)]
        });
        let store = MemoryStore::new();
        let key = Key::new("v2/a").unwrap();
        let sending = Sending {
            part_size: PART as u64,
            ..Sending::default()
        };
        let body = futures::stream::iter(pieces.collect::<Vec<_>>());
        send(&store, &key, body, sending).await.unwrap();
        let held = store.get(&key.into(), None).await.unwrap().body;
        let held: Vec<Bytes> = held.try_collect().await.unwrap();
        assert_eq!(held.concat(), whole, "in pieces of {piece}");
    }
}
