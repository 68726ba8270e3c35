//! Sources that change or break on the way.

use std::sync::Arc;

use engine::copy::{ContentCheck, Outcome, Request, copy};
use engine::session::Session;
use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use testkit::hooks::Hooked;

use crate::set_up::{copied, count, delta, full, key, line, objects, request, session, source};
use crate::stubs::{Destination, ReadOnly, Reads, Takes};

/// What is wrong with one object, and what is told of it.
async fn with(reads: Reads, request: &Request, name: &str) -> (MemoryStore, String, Outcome) {
    let (from, to) = (source().await, MemoryStore::new());
    let before = objects(&from).await;
    let destination = Destination::new(&to, Takes::Soundly);
    let report = copied(ReadOnly(from.clone(), reads), destination, request).await;
    assert_eq!(objects(&from).await, before);
    let report = report.unwrap();
    for (key, bytes) in objects(&to).await {
        let is_damaged = key == format!("v2/{name}");
        assert!(is_damaged || before[&key] == bytes, "{key}");
    }
    let line = line(&report, name);
    (to, line.why.clone(), line.outcome)
}

/// etcd-backup-restore ends its compression also when what it reads has broken off: an object that decompresses without a
/// fault. Here whatever ends early, anywhere, is none.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_anywhere_is_not_there() {
    let length = objects(&source().await).await[&format!("v2/{}", full(40))].len();
    for at in (0..length).step_by(97) {
        for content in [ContentCheck::TrailingHash, ContentCheck::Skipped] {
            let request = Request {
                content,
                ..request()
            };
            let reads = Reads::BreakOff(key(&full(40)), at);
            let (to, why, outcome) = with(reads, &request, &full(40)).await;
            assert_eq!(outcome, Outcome::Failed);
            assert!(why.contains("connection reset"), "{why}");
            // Nor is what follows on it; the other chain is whole.
            let there = objects(&to).await;
            assert_eq!(there.len(), 3, "{:?}", there.keys());
            assert!(!there.contains_key(&format!("v2/{}", delta(41, 60))));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_that_is_another_is_seen_anywhere() {
    let length = objects(&source().await).await[&format!("v2/{}", delta(31, 40))].len();
    // Of the header of gzip, time and system say nothing of the content (RFC 1952, section 2.3).
    let says_nothing = 4..10;
    for at in (0..length)
        .filter(|at| !says_nothing.contains(at))
        .step_by(11)
    {
        let reads = Reads::Flip(key(&delta(31, 40)), at);
        let (to, why, outcome) = with(reads, &request(), &delta(31, 40)).await;
        assert_eq!(outcome, Outcome::Failed, "{at}");
        assert!(why.contains("damaged at the source"), "{why}");
        assert_eq!(objects(&to).await.len(), 4);
    }
}

/// The object was replaced since it was listed, or something answers in the place of the store.
#[tokio::test(flavor = "multi_thread")]
async fn another_length_than_was_listed_is_not_copied() {
    let reads = Reads::Longer(key(&delta(21, 30)));
    let (_, why, outcome) = with(reads, &request(), &delta(21, 30)).await;
    assert_eq!(outcome, Outcome::Failed);
    assert!(why.contains("was replaced"), "{why}");
    let reads = Reads::Refused(key(&delta(21, 30)));
    let (_, why, outcome) = with(reads, &request(), &delta(21, 30)).await;
    assert_eq!(outcome, Outcome::Failed);
    assert!(why.contains("permission denied"), "{why}");
}

/// A token that is cancelled stops what has not begun, and what is told is what is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_says_what_is_there() {
    let (from, to) = (source().await, MemoryStore::new());
    let source = ReadOnly(from, Reads::Sound);
    let source = session(Arc::new(Hooked(source)), Arc::new(SystemClock));
    let stopping = Stopping(source.cancel.clone());
    let destination = Session {
        store: Arc::new(Hooked(Destination::new(&to, Takes::Soundly))),
        observer: Arc::new(stopping),
        ..source.clone()
    };
    let report = copy(&source, &destination, &request()).await.unwrap();
    assert!(report.interrupted);
    let there = objects(&to).await.len();
    assert_eq!(count(&report, Outcome::Copied), there);
    assert_eq!(count(&report, Outcome::NotBegun), 5 - there);
    assert!(there < 5, "nothing was stopped");
}

/// Asks to stop as soon as bytes have come.
struct Stopping(tokio_util::sync::CancellationToken);

impl engine::progress::Observer for Stopping {
    fn event(&self, event: engine::progress::Event<'_>) {
        if matches!(event, engine::progress::Event::Fetched(_)) {
            self.0.cancel();
        }
    }
}
