use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use proptest::prelude::*;

use super::*;
use crate::clock::SystemClock;
use crate::memory::MemoryStore;
use crate::{
    Capabilities, Key, ListPage, ListRequest, Location, PutOptions, Upload, UploadOptions,
};

/// What a test has a store do with the answer to a request for a range.
type Twist = fn(&mut Download, Option<&Range<u64>>);

/// A store whose connections bring so many bytes a second each.
#[derive(Debug)]
struct Far {
    near: MemoryStore,
    rate: u64,
    twist: Twist,
    /// What was asked for.
    asked: Mutex<Vec<Option<Range<u64>>>>,
    open: Arc<AtomicUsize>,
    most_open: Arc<AtomicUsize>,
}

/// Counts connections.
struct Connection(Arc<AtomicUsize>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Pieces of this size take whole milliseconds at the rates below: timers know no less.
const PIECE: usize = 1000;

#[async_trait]
impl Snapstore for Far {
    fn location(&self) -> &Location {
        self.near.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.near.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.near.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.near.start_upload(key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.asked.lock().unwrap().push(range.clone());
        let mut download = self.near.get(object, range.clone()).await?;
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        let connection = Connection(self.open.clone());
        let pieces: Vec<Bytes> = download.body.try_collect().await?;
        let bytes = Bytes::from(pieces.concat());
        let pieces: Vec<Bytes> = bytes.chunks(PIECE).map(Bytes::copy_from_slice).collect();
        let rate = self.rate;
        let slowly = stream::iter(pieces).then(move |piece| {
            let _open = &connection;
            let seconds = piece.len() as f64 / rate as f64;
            async move {
                SystemClock.sleep(Duration::from_secs_f64(seconds)).await;
                Ok(piece)
            }
        });
        download.body = slowly.boxed();
        (self.twist)(&mut download, range.as_ref());
        Ok(download)
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.near.head(object).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.near.list(request).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.near.delete(object).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.near.sweep(idle_since).await
    }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251) as u8).collect()
}

async fn far(content: &[u8], rate: u64, twist: Twist) -> Arc<Far> {
    let near = MemoryStore::new();
    let data = Bytes::copy_from_slice(content);
    let key = key();
    let put = near.put(&key, data, PutOptions::default());
    put.await.unwrap();
    Arc::new(Far {
        near,
        rate,
        twist,
        asked: Mutex::default(),
        open: Arc::default(),
        most_open: Arc::default(),
    })
}

fn key() -> Key {
    Key::new("a").unwrap()
}

const WIDENING: Widening = Widening {
    part: 10_000,
    at_once: 4,
    enough: 200_000,
};

/// All of it, and how long it took.
async fn read(store: &Arc<Far>, widening: Widening) -> (Result<Vec<u8>>, Duration) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let begun = clock.now();
    let whole = store.get(&key().into(), None).await.unwrap();
    let wide = widen(store.clone(), whole, clock.clone(), widening);
    let pieces: Result<Vec<Bytes>> = wide.body.try_collect().await;
    (pieces.map(|pieces| pieces.concat()), clock.now() - begun)
}

fn as_it_is(_: &mut Download, _: Option<&Range<u64>>) {}

/// A restore from a cloud took as long as one connection did, whatever the machine could take.
#[tokio::test(start_paused = true)]
async fn a_slow_connection_is_helped_by_others() {
    let content = content(1_000_000);
    let store = far(&content, 50_000, as_it_is).await;
    let (read, took) = read(&store, WIDENING).await;
    assert!(read.unwrap() == content);
    // One would take 20 s.
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert_eq!(store.most_open.load(Ordering::SeqCst), 4);
}

/// Parts cost a copy and memory, and bring nothing where one connection is as fast as the reader.
#[tokio::test(start_paused = true)]
async fn a_fast_connection_stays_alone() {
    let content = content(1_000_000);
    let store = far(&content, 1_000_000, as_it_is).await;
    assert!(read(&store, WIDENING).await.0.unwrap() == content);
    assert_eq!(*store.asked.lock().unwrap(), [None]);
}

/// A reader who is slow himself waits for nobody.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_needs_no_other_connection() {
    let content = content(200_000);
    let store = far(&content, 1_000_000, as_it_is).await;
    let whole = store.get(&key().into(), None).await.unwrap();
    let mut wide = widen(store.clone(), whole, Arc::new(SystemClock), WIDENING);
    while let Some(piece) = wide.body.next().await {
        SystemClock
            .sleep(Duration::from_secs_f64(piece.unwrap().len() as f64 / 1e4))
            .await;
    }
    assert_eq!(*store.asked.lock().unwrap(), [None]);
}

#[tokio::test(start_paused = true)]
async fn another_object_is_never_mixed_in() {
    let content = content(300_000);
    let replaced: Twist = |download, range| {
        if range.is_some_and(|range| range.start > 100_000) {
            download.meta.etag = Some("another".to_owned());
            let other = |piece: Result<Bytes>| Ok(Bytes::from(vec![0; piece?.len()]));
            download.body = std::mem::replace(&mut download.body, stream::empty().boxed())
                .map(other)
                .boxed();
        }
    };
    let store = far(&content, 50_000, replaced).await;
    // What is compared is what the store has under the key by then.
    let whole = store.get(&key().into(), None).await.unwrap();
    let mut wide = widen(store.clone(), whole, Arc::new(SystemClock), WIDENING);
    let first = wide.body.next().await.unwrap().unwrap();
    assert!(content.starts_with(&first));
    let mut other = content.clone();
    other[10] ^= 1;
    let (key, options) = (key(), PutOptions::overwrite());
    let put = store.near.put(&key, other.into(), options);
    put.await.unwrap();
    let read: Result<Vec<Bytes>> = wide.body.try_collect().await;
    let error = read.unwrap_err().to_string();
    assert!(
        error.contains("replaced while it was being read"),
        "{error}"
    );
}

/// Each node of a cluster has its own tag for the same bytes.
#[tokio::test(start_paused = true)]
async fn where_tags_do_not_tell_it_becomes_one_again() {
    let content = content(300_000);
    let tags: Twist = |download, range| {
        if range.is_some_and(|range| range.start > 100_000) {
            download.meta.etag = Some("that of another node".to_owned());
        }
    };
    let store = far(&content, 50_000, tags).await;
    assert!(read(&store, WIDENING).await.0.unwrap() == content);
    assert_eq!(store.asked.lock().unwrap().last(), Some(&None));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_tells_nothing_is_read_in_one() {
    let content = content(300_000);
    let untold: Twist = |download, _| download.meta.etag = None;
    let store = far(&content, 50_000, untold).await;
    assert!(read(&store, WIDENING).await.0.unwrap() == content);
    assert_eq!(*store.asked.lock().unwrap(), [None]);
}

/// A server that ignores ranges sends all of it for each: four times the bytes, and more.
#[tokio::test(start_paused = true)]
async fn a_server_without_ranges_is_read_in_one() {
    let content = content(300_000);
    let store = far(&content, 50_000, |download, range| {
        if range.is_some() {
            download.range = 0..download.meta.size;
        }
    })
    .await;
    assert!(read(&store, WIDENING).await.0.unwrap() == content);
    // Those that were on their way are given up.
    let asked = store.asked.lock().unwrap();
    assert!(asked.len() <= 2 + WIDENING.at_once, "{asked:?}");
    assert_eq!(asked.last(), Some(&None));
}

#[tokio::test(start_paused = true)]
async fn a_range_that_ends_early_is_an_error() {
    let content = content(300_000);
    let cut: Twist = |download, range| {
        if range.is_some_and(|range| range.start > 100_000) {
            let body = std::mem::replace(&mut download.body, stream::empty().boxed());
            download.body = body.take(3).boxed();
        }
    };
    let store = far(&content, 50_000, cut).await;
    let error = read(&store, WIDENING).await.0.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(
        error.to_string().contains("ended 7000 bytes early"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the sizes, what is read is the object, and no more ranges are on their way than may be.
    #[test]
    fn what_is_read_is_the_object(length in 0..60_000_usize, part in 1..9_000_u64, at_once in 1..7_usize, enough in 0..100_000_u64) {
        let content = content(length);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (read, most) = runtime.block_on(async {
            let store = far(&content, 50_000, as_it_is).await;
            let widening = Widening { part, at_once, enough };
            (read(&store, widening).await.0.unwrap(), store.most_open.load(Ordering::SeqCst))
        });
        prop_assert!(read == content);
        prop_assert!(most <= at_once.max(1), "{}", most);
    }
}
