//! The fake says what was written down for it, and keeps what it was asked.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use client::scripted::{Asked, Said, Scripted, Sent};
use client::{
    Batch, BatchEnd, Change, Compaction, Endpoint, Error, ErrorKind, Etcd, Event, Large, Read,
    Scheme, SnapshotPiece, WatchFrom, WatchItem,
};
use snapstore::clock::Clock;

/// A clock that waits for nothing, and keeps how long it should have waited.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<Duration>>);

#[async_trait]
impl Clock for Waits {
    async fn sleep(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
    }
}

fn scripted(clock: Arc<Waits>) -> Scripted {
    let endpoint = Endpoint::parse("scripted:1", Scheme::Clear).unwrap();
    Scripted::new(endpoint, clock)
}

fn batch(revision: i64) -> WatchItem {
    let event = Event {
        key: Bytes::from_static(b"k"),
        mod_revision: revision,
        change: Change::Delete,
    };
    WatchItem::Batch(Batch {
        head: revision,
        events: vec![event],
        end: BatchEnd::Whole,
    })
}

fn from(revision: i64) -> WatchFrom {
    let large = Large::Cut;
    WatchFrom { revision, large }
}

fn broken() -> Error {
    Error::new(ErrorKind::Unavailable, "watch", "broken")
}

#[tokio::test]
async fn a_watch_goes_on_where_the_one_before_stopped() {
    let clock = Arc::new(Waits::default());
    let fake = scripted(clock.clone());
    let canceled = WatchItem::Canceled {
        compact_revision: Some(9),
        reason: String::new(),
    };
    fake.says([
        Said::Item(batch(2)),
        Said::Waits(Duration::from_secs(60)),
        Said::Fails(broken()),
        Said::Item(canceled.clone()),
        Said::Item(batch(10)),
    ]);
    let mut watch = fake.watch(from(2)).await.unwrap();
    assert_eq!(watch.next().await.unwrap(), batch(2));
    let error = watch.next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(*clock.0.lock().unwrap(), [Duration::from_secs(60)]);
    assert_eq!(watch.next().await.unwrap_err().kind(), ErrorKind::Protocol);
    let mut watch = fake.watch(from(3)).await.unwrap();
    assert_eq!(watch.next().await.unwrap(), canceled);
    let mut watch = fake.watch(from(10)).await.unwrap();
    assert_eq!(watch.next().await.unwrap(), batch(10));
    // Silence, until more is said.
    let (later, ()) = tokio::join!(watch.next(), async { fake.says([Said::Item(batch(11))]) });
    assert_eq!(later.unwrap(), batch(11));
    fake.says([Said::Stalls, Said::Item(batch(12))]);
    {
        let next = watch.next();
        tokio::pin!(next);
        assert!(futures::poll!(next.as_mut()).is_pending());
    }
    drop(watch);
    let mut watch = fake.watch(from(12)).await.unwrap();
    assert_eq!(watch.next().await.unwrap(), batch(12));
    let watched = [2, 3, 10].map(|revision| Asked::Watch(from(revision)));
    let mut asked = watched.to_vec();
    asked.extend([Asked::WatchDropped, Asked::Watch(from(12))]);
    assert_eq!(fake.asked(), asked);
}

#[tokio::test]
async fn a_snapshot_fails_at_any_piece() {
    let fake = scripted(Arc::default());
    let database = Bytes::from_static(b"database");
    fake.sends_database(&database, 3);
    let mut stream = fake.snapshot().await.unwrap();
    let mut read = Vec::new();
    while let SnapshotPiece::Database(bytes) = stream.next().await.unwrap() {
        read.extend_from_slice(&bytes);
    }
    assert_eq!((read, stream.size()), (database.to_vec(), 8));
    for at in 0..3 {
        let piece = |_| Sent::Database(Bytes::from_static(b"piece"));
        let before = (0..at).map(piece);
        let after = (at..3).map(piece);
        fake.sends(before.chain([Sent::Fails(broken())]).chain(after));
        let mut stream = fake.snapshot().await.unwrap();
        assert_eq!(stream.size(), 15);
        for _ in 0..at {
            stream.next().await.unwrap();
        }
        assert!(stream.next().await.is_err());
    }
    // Nothing is written down: the fake makes nothing up.
    let nothing = fake.snapshot().await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::Config);
    fake.sends([Sent::Stalls]);
    drop(fake.snapshot().await.unwrap());
    assert_eq!(fake.asked().last(), Some(&Asked::SnapshotDropped));
}

#[tokio::test]
async fn facts_are_answered_until_they_change_or_are_refused() {
    let fake = scripted(Arc::default());
    fake.facts(|facts| (facts.head.revision, facts.lag) = (20, 5));
    assert_eq!(fake.head(Read::Agreed).await.unwrap().revision, 20);
    assert_eq!(fake.head(Read::Local).await.unwrap().revision, 15);
    fake.refuse(|asked| matches!(asked, Asked::Head(_)), broken());
    assert!(fake.compacted().await.unwrap().is_none());
    assert!(fake.head(Read::Local).await.is_err());
    assert!(fake.head(Read::Local).await.is_ok());
    fake.compact(10, Compaction::Done).await.unwrap();
    let key = || Bytes::from_static(b"k");
    let past = fake.key_at(key(), 9, Read::Local).await.unwrap_err();
    assert_eq!(past.kind(), ErrorKind::Compacted);
    let future = fake.key_at(key(), 16, Read::Local).await.unwrap_err();
    assert_eq!(future.kind(), ErrorKind::Future);
    assert_eq!(fake.key_at(key(), 16, Read::Agreed).await.unwrap(), None);
}
