//! Waiting for a final full, in a time that is made up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use engine::copy::{Error, Report, Request, Result, Waiting, copy};
use engine::session::Session;
use snapstore::clock::{Clock, SystemClock};
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Error as StoreError, ErrorKind, ListPage, ListRequest, PutOptions, Snapstore,
};
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;
use testkit::hooks::{Hooked, Hooks};
use testkit::synthetic::History;

use crate::set_up::{key, request, session, source};

/// A clock in which nothing but waiting takes time, and which does something after so many waits.
#[derive(Debug)]
struct Passing {
    began: Instant,
    waits: Mutex<Vec<Duration>>,
    /// The final full comes during this wait.
    comes_at: usize,
    store: MemoryStore,
}

#[async_trait]
impl Clock for Passing {
    async fn sleep(&self, duration: Duration) {
        let waits = {
            let mut waits = self.waits.lock().unwrap();
            waits.push(duration);
            waits.len()
        };
        if waits == self.comes_at {
            let mut history = History::default();
            history.wander(70, 1);
            let bytes = Bytes::from(compress(Gzip, &history.full(70)));
            let key = key("Full-00000000-00000070-1800000070.gz.final");
            let put = self.store.put(&key, bytes, PutOptions::default());
            put.await.unwrap();
        }
    }

    fn now(&self) -> Instant {
        self.began + self.waits.lock().unwrap().iter().sum::<Duration>()
    }
}

/// A source whose first listings fail so.
#[derive(Debug)]
struct Busy(MemoryStore, AtomicU64, ErrorKind);

#[async_trait]
impl Hooks for Busy {
    fn store(&self) -> &dyn Snapstore {
        &self.0
    }

    async fn list(&self, request: &ListRequest) -> snapstore::Result<ListPage> {
        let left = self
            .1
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        match (left, self.2) {
            (Err(_), _) => self.0.list(request).await,
            (_, ErrorKind::Denied) => Err(StoreError::new(ErrorKind::Denied, "list", "403")),
            (_, kind) => Err(StoreError::new(kind, "list", "503").retryable()),
        }
    }
}

/// How it ended, and how long each wait was, in seconds.
async fn waited(
    comes_at: usize,
    at_most: Option<u64>,
    (fails, how): (u64, ErrorKind),
) -> (Result<Report>, Vec<u64>) {
    let store = source().await;
    let clock = Arc::new(Passing {
        began: SystemClock.now(),
        waits: Mutex::default(),
        comes_at,
        store: store.clone(),
    });
    let busy = Hooked(Busy(store, AtomicU64::new(fails), how));
    let from = session(Arc::new(busy), clock.clone());
    let to = Session {
        store: Arc::new(MemoryStore::new()),
        ..from.clone()
    };
    let request = Request {
        waiting: Some(Waiting {
            at_most: at_most.map(Duration::from_secs),
        }),
        ..request()
    };
    let report = copy(&from, &to, &request).await;
    let waits = clock.waits.lock().unwrap().clone();
    (report, waits.iter().map(Duration::as_secs).collect())
}

const FINE: (u64, ErrorKind) = (0, ErrorKind::Unexpected);

#[tokio::test]
async fn it_is_looked_for_every_quarter_of_a_minute() {
    for at_most in [None, Some(600)] {
        let (report, waits) = waited(3, at_most, FINE).await;
        let report = report.unwrap();
        assert_eq!(waits, [15; 3]);
        assert_eq!(report.copied, 6);
        let last = &report.objects[0];
        assert_eq!(last.to, "v2/Full-00000000-00000070-1800000070.gz");
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    }
}

#[tokio::test]
async fn after_its_time_what_there_is_is_copied() {
    let (report, waits) = waited(usize::MAX, Some(40), FINE).await;
    let report = report.unwrap();
    assert_eq!(waits, [15, 15, 10]);
    assert_eq!(report.copied, 5);
    assert!(
        report.warnings[0].contains("within 40 seconds"),
        "{report:?}"
    );
}

/// A store that is away for a minute ended the Job that had waited for hours; one that refuses never gets better.
#[tokio::test]
async fn a_source_that_is_away_is_asked_again_and_one_that_refuses_is_not() {
    let (report, waits) = waited(4, None, (6, ErrorKind::Unexpected)).await;
    assert_eq!(report.unwrap().copied, 6);
    assert!(waits.len() >= 4, "{waits:?}");
    let (report, waits) = waited(4, None, (1, ErrorKind::Denied)).await;
    let error = report.unwrap_err();
    assert!(matches!(error, Error::Source(_)), "{error}");
    assert!(error.to_string().contains("permission denied"), "{error}");
    assert!(waits.is_empty(), "{waits:?}");
}
