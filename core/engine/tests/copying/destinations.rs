//! Destinations that fail, garble and race.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::copy::{Outcome, Report, Request};
use engine::session::Session;
use engine::snapshot::Arrival;
use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, ObjectMeta, PartReceipt, Sending, Snapstore, Upload, UploadOptions};
use testkit::hooks::{Hooked, Hooks};
use tokio_util::sync::CancellationToken;

use crate::set_up::{copied, count, delta, full, key, line, objects, request, session, source};
use crate::stubs::{Destination, ReadOnly, Reads, Takes};

async fn into(takes: Takes) -> (MemoryStore, Report) {
    let (from, to) = (source().await, MemoryStore::new());
    let destination = Destination::new(&to, takes);
    let report = copied(ReadOnly(from, Reads::Sound), destination, &request()).await;
    (to, report.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_arrives() {
    for parallel in [1, 3, 100] {
        let (from, to) = (source().await, MemoryStore::new());
        let request = Request {
            parallel: std::num::NonZero::new(parallel).unwrap(),
            ..request()
        };
        let destination = Destination::new(&to, Takes::Soundly);
        let report = copied(ReadOnly(from.clone(), Reads::Sound), destination, &request).await;
        assert_eq!(report.unwrap().copied, 5);
        assert_eq!(objects(&to).await, objects(&from).await);
    }
}

/// Keeps the order for whoever looks after the copy.
#[derive(Debug)]
struct Watched(Arc<Destination>);

#[async_trait::async_trait]
impl Hooks for Watched {
    fn store(&self) -> &dyn Snapstore {
        self.0.store()
    }

    async fn put(
        &self,
        key: &Key,
        data: Bytes,
        options: snapstore::PutOptions,
    ) -> snapstore::Result<ObjectMeta> {
        self.0.put(key, data, options).await
    }
}

/// A restore of the destination during the copy would have found deltas of a full that was not there.
#[tokio::test(flavor = "multi_thread")]
async fn no_delta_arrives_before_its_full() {
    for _ in 0..50 {
        let (from, to) = (source().await, MemoryStore::new());
        let destination = Arc::new(Destination::new(&to, Takes::Soundly));
        let watched = Watched(destination.clone());
        let report = copied(ReadOnly(from, Reads::Sound), watched, &request()).await;
        assert_eq!(report.unwrap().copied, 5);
        let order = destination.order.lock().unwrap().clone();
        let place = |name: &str| order.iter().position(|key| key.ends_with(name)).unwrap();
        assert!(place(&full(40)) < place(&delta(41, 60)), "{order:?}");
        for delta in [delta(21, 30), delta(31, 40)] {
            assert!(place(&full(20)) < place(&delta), "{order:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_looked_for() {
    let (to, report) = into(Takes::LosesAnswer(key(&full(40)))).await;
    assert_eq!((report.copied, report.not_copied), (5, 0));
    assert_eq!(line(&report, &full(40)).why, "it was read back");
    assert_eq!(objects(&to).await.len(), 5);
}

/// Of as many bytes and others the next copy would have said that they are there already.
#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_otherwise_is_removed_again() {
    let (to, report) = into(Takes::Garbles(key(&full(40)))).await;
    let failed = line(&report, &full(40));
    assert_eq!(failed.outcome, Outcome::Failed);
    assert!(failed.why.contains("SHA-256 is another"), "{}", failed.why);
    assert!(failed.why.contains("removed again"), "{}", failed.why);
    let there = objects(&to).await;
    assert_eq!(there.len(), 3, "{:?}", there.keys());
    assert_eq!(count(&report, Outcome::NotBegun), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_named_and_the_other_chain_is_copied() {
    let (to, report) = into(Takes::Refuses(key(&full(20)))).await;
    let failed = line(&report, &full(20));
    assert_eq!(failed.outcome, Outcome::Failed);
    assert!(failed.why.contains("permission denied"), "{}", failed.why);
    assert_eq!((report.copied, report.not_copied), (2, 3));
    assert_eq!(objects(&to).await.len(), 2);
}

/// Two copies at once: whoever comes second finds the same bytes, which is a success, or others, which stay.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_first_is_compared_and_never_replaced() {
    let same = objects(&source().await).await[&format!("v2/{}", full(40))].clone();
    let (_, report) = into(Takes::Raced(key(&full(40)), same.clone())).await;
    assert_eq!((report.copied, report.not_copied), (5, 0));
    let mut other = same.to_vec();
    other[12] ^= 1;
    let other = Bytes::from(other);
    for other in [other, Bytes::from_static(b"short")] {
        let (to, report) = into(Takes::Raced(key(&full(40)), other.clone())).await;
        let failed = line(&report, &full(40));
        assert_eq!(failed.outcome, Outcome::Failed);
        assert!(failed.why.contains("already exists"), "{}", failed.why);
        assert_eq!(objects(&to).await[&format!("v2/{}", full(40))], other);
    }
}

/// An upload of many parts, each of a few bytes, is the same object.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_in_parts_is_the_same() {
    let (from, to) = (source().await, MemoryStore::new());
    let sending = Sending {
        part_size: 64,
        parallel: 3,
        ..Sending::default()
    };
    let request = Request {
        sending,
        arrival: Arrival::ReadBack,
        ..request()
    };
    let destination = Destination::new(&to, Takes::Soundly);
    let report = copied(ReadOnly(from.clone(), Reads::Sound), destination, &request).await;
    let report = report.unwrap();
    assert!(
        report
            .objects
            .iter()
            .all(|line| line.why == "it was read back")
    );
    assert_eq!(objects(&to).await, objects(&from).await);
    // One that nobody ends is no object.
    let options = UploadOptions {
        mode: snapstore::PutMode::CreateNew,
        part_size: 64,
    };
    let upload = to.start_upload(&key("x"), options).await.unwrap();
    upload.part(1, Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(objects(&to).await.len(), 5);
}

/// A destination that counts the uploads that are begun, ended and taken back, and is stopped in the middle of one.
#[derive(Debug)]
struct Stopped {
    store: MemoryStore,
    cancel: CancellationToken,
    taken_back: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Part {
    inner: Box<dyn Upload>,
    cancel: CancellationToken,
    taken_back: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl Upload for Part {
    async fn part(&self, number: u32, data: Bytes) -> snapstore::Result<PartReceipt> {
        self.cancel.cancel();
        self.inner.part(number, data).await
    }

    async fn complete(&self, parts: &[PartReceipt]) -> snapstore::Result<ObjectMeta> {
        self.inner.complete(parts).await
    }

    async fn abort(&self) -> snapstore::Result<()> {
        self.taken_back.fetch_add(1, Ordering::SeqCst);
        self.inner.abort().await
    }
}

#[async_trait::async_trait]
impl Hooks for Stopped {
    fn store(&self) -> &dyn Snapstore {
        &self.store
    }

    async fn start_upload(
        &self,
        key: &Key,
        options: UploadOptions,
    ) -> snapstore::Result<Box<dyn Upload>> {
        Ok(Box::new(Part {
            inner: self.store.start_upload(key, options).await?,
            cancel: self.cancel.clone(),
            taken_back: self.taken_back.clone(),
        }))
    }
}

/// Whoever stopped a copy left its uploads in the bucket, invisible and paid for.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_taken_back_when_it_is_stopped() {
    let to = MemoryStore::new();
    let taken_back = Arc::new(AtomicUsize::new(0));
    let from = session(
        Arc::new(Hooked(ReadOnly(source().await, Reads::Sound))),
        Arc::new(SystemClock),
    );
    let stopped = Stopped {
        store: to.clone(),
        cancel: from.cancel.clone(),
        taken_back: taken_back.clone(),
    };
    let destination = Session {
        store: Arc::new(Hooked(stopped)),
        ..from.clone()
    };
    let request = Request {
        sending: Sending {
            part_size: 64,
            parallel: 2,
            ..Sending::default()
        },
        parallel: std::num::NonZero::<usize>::MIN,
        ..request()
    };
    let report = engine::copy::copy(&from, &destination, &request).await;
    let report = report.unwrap();
    assert!(report.interrupted && report.copied == 0, "{report:?}");
    assert_eq!(objects(&to).await.len(), 0);
    assert_eq!(taken_back.load(Ordering::SeqCst), 1);
}
