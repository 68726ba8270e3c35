//! How often a dressed store is asked before it is given up. Time is tokio's, paused: nothing waits.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::{open, with_layers};
use snapstore::memory::MemoryStore;
use snapstore::{
    Download, Error, ErrorKind, Key, ObjectId, PutOptions, Result, Snapstore, SnapstoreExt,
};
use testkit::hooks::{Hooked, Hooks};

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn busy(operation: &'static str) -> Error {
    Error::new(ErrorKind::RateLimited, operation, "503").retryable()
}

/// A restore in an unlucky second found its store busy, and gave up: only calls were tried again,
/// not the opening before them.
#[tokio::test(start_paused = true)]
async fn a_store_that_is_busy_when_it_is_opened_is_asked_again() {
    let asked = AtomicU32::new(0);
    let opening = || {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        async move {
            match number {
                0 | 1 => Err(busy("open")),
                _ => Ok(Arc::new(MemoryStore::new()) as Arc<dyn Snapstore>),
            }
        }
    };
    let store = open(opening, &clock(), 1).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let key = Key::new("v2/a").unwrap();
    store
        .put(&key, "x".into(), PutOptions::default())
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_when_it_is_opened_is_given_up() {
    let opening = || std::future::pending::<Result<Arc<dyn Snapstore>>>();
    let error = open(opening, &clock(), 1).await.unwrap_err();
    assert!(error.to_string().contains("no answer within"), "{error}");
    let wrong = || std::future::ready(Err(Error::new(ErrorKind::Config, "open", "no such bucket")));
    let error = open(wrong, &clock(), 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

/// A body whose store went away was asked for six times by the layer that resumes, and each of these
/// six times by the layer below it: a restore hung for minutes on what was lost for good.
#[tokio::test(start_paused = true)]
async fn the_attempts_of_a_body_are_not_multiplied() {
    let memory = MemoryStore::new();
    let id: ObjectId = Key::new("v2/a").unwrap().into();
    let put = memory.put(&id.key, "x".into(), PutOptions::default());
    put.await.unwrap();
    let gone = Arc::new(Hooked(GoesAway {
        inner: memory,
        gets: AtomicU32::new(0),
    }));
    let store = with_layers(gone.clone(), &clock(), 1);
    store.read(&id).await.unwrap_err();
    assert_eq!(gone.gets.load(Ordering::Relaxed), 6);
}

/// Begins one body, and answers nothing after it.
#[derive(Debug)]
struct GoesAway {
    inner: MemoryStore,
    gets: AtomicU32,
}

#[async_trait::async_trait]
impl Hooks for GoesAway {
    fn store(&self) -> &dyn Snapstore {
        &self.inner
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        if self.gets.fetch_add(1, Ordering::Relaxed) > 0 {
            return Err(busy("get"));
        }
        let mut download = self.inner.get(object, range).await?;
        download.body = Box::pin(futures::stream::iter([Err(busy("get"))]));
        Ok(download)
    }
}
