//! What the layers promise, on stores that fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;
use std::time::Duration;

use conformance_tests::{Faulty, NoWaiting};
use futures::TryStreamExt;
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::{Backoff, Deadlines, Resume, Retry, RetryPolicy, Timeout};
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Error, ErrorKind, Key, ListRequest, ObjectId, PutOptions, Sending, Snapstore,
    SnapstoreExt, send,
};

/// Enough tries that a call of which 30 of 100 fail does not run out of them.
const PATIENT: Backoff = Backoff {
    attempts: 60,
    first: Duration::from_millis(1),
    max: Duration::from_millis(2),
};

fn key(name: &str) -> Key {
    Key::new(name).unwrap()
}

/// A store that fails, behind the layers that make up for it.
fn dressed(inner: Arc<dyn Snapstore>, percent: u8, seed: u64) -> (Arc<Faulty>, Arc<dyn Snapstore>) {
    let faulty = Arc::new(Faulty::new(inner, percent, seed));
    let clock: Arc<dyn Clock> = Arc::new(NoWaiting);
    let policy = RetryPolicy::new(PATIENT, clock, seed);
    let retry = Arc::new(Retry::new(faulty.clone(), policy.clone()));
    (faulty, Arc::new(Resume::new(retry, policy)))
}

fn noise(length: usize, seed: u64) -> Bytes {
    let mut bytes = vec![0; length];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes.into()
}

/// Cut in odd pieces, so that parts never end where pieces do.
fn pieces(data: &Bytes) -> impl futures::Stream<Item = Result<Bytes, Error>> + Send + use<> {
    let data = data.clone();
    let starts = (0..data.len()).step_by(777);
    futures::stream::iter(starts.map(move |at| Ok(data.slice(at..data.len().min(at + 777)))))
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_on_a_store_that_fails() {
    for seed in 0..20 {
        let memory = MemoryStore::new();
        let (faulty, store) = dressed(Arc::new(memory.clone()), 30, seed);
        let data = noise(300_000, seed);
        let sending = Sending {
            part_size: 10_000,
            parallel: 4,
            ..Sending::default()
        };
        send(&*store, &key("v2/large"), pieces(&data), sending)
            .await
            .unwrap();
        let small = data.slice(..100);
        store
            .put(&key("v2/small"), small.clone(), PutOptions::default())
            .await
            .unwrap();
        assert_eq!(store.read(&key("v2/large").into()).await.unwrap(), data);
        assert_eq!(store.read(&key("v2/small").into()).await.unwrap(), small);
        assert_eq!(
            store
                .list_all(ListRequest::under("v2/"))
                .await
                .unwrap()
                .len(),
            2
        );
        store.delete(&key("v2/small").into()).await.unwrap();
        assert!(memory.head(&key("v2/small").into()).await.is_err());
        assert!(faulty.faults() > 0, "seed {seed} injected nothing");
    }
}

/// A put whose reply was lost was tried again, found its own object there and said that somebody
/// else had taken the name.
#[tokio::test]
async fn a_lost_reply_to_create_new_is_no_conflict_but_another_writer_is() {
    for seed in 0..50 {
        let (_, store) = dressed(Arc::new(MemoryStore::new()), 40, seed);
        let first = store
            .put(
                &key("v2/a"),
                Bytes::from_static(b"one"),
                PutOptions::default(),
            )
            .await;
        assert!(first.is_ok(), "seed {seed}: {first:?}");
        let second = store
            .put(
                &key("v2/a"),
                Bytes::from_static(b"two"),
                PutOptions::default(),
            )
            .await;
        assert_eq!(
            second.unwrap_err().kind(),
            ErrorKind::AlreadyExists,
            "seed {seed}"
        );
        assert_eq!(store.read(&key("v2/a").into()).await.unwrap(), "one");
    }
}

#[tokio::test]
async fn a_body_never_goes_on_with_another_version() {
    let memory = MemoryStore::new();
    let id: ObjectId = key("v2/a").into();
    memory
        .put(&id.key, noise(500_000, 1), PutOptions::default())
        .await
        .unwrap();
    let (_, store) = dressed(Arc::new(memory.clone()), 60, 3);
    let mut body = store.get(&id, None).await.unwrap().body;
    memory
        .put(&id.key, noise(500_000, 2), PutOptions::overwrite())
        .await
        .unwrap();
    let mut read = Vec::new();
    let ended = loop {
        match body.try_next().await {
            Ok(Some(piece)) => read.extend_from_slice(&piece),
            ended => break ended,
        }
    };
    // The memory store gives out the old bytes for ever; only a body opened again could mix.
    let old = noise(500_000, 1);
    assert_eq!(read, old[..read.len()]);
    let replaced = matches!(&ended, Err(error) if error.to_string().contains("replaced"));
    assert!(replaced || read.len() == old.len(), "{ended:?}");
}

#[tokio::test]
async fn a_store_that_stays_away_is_given_up() {
    let memory = MemoryStore::new();
    memory
        .put(&key("v2/a"), noise(10, 1), PutOptions::default())
        .await
        .unwrap();
    let (_, store) = dressed(Arc::new(memory), 100, 1);
    let error = store.head(&key("v2/a").into()).await.unwrap_err();
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_body_that_fails_leaves_no_object_and_no_parts() {
    let store = MemoryStore::new();
    let broken = futures::stream::iter((0..10).map(|n| match n {
        9 => Err(Error::new(
            ErrorKind::Unexpected,
            "read",
            "the source broke off",
        )),
        _ => Ok(noise(1000, n)),
    }));
    let sending = Sending {
        part_size: 2000,
        parallel: 2,
        ..Sending::default()
    };
    let error = send(&store, &key("v2/a"), broken, sending)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("broke off"), "{error}");
    assert!(
        store
            .list_all(ListRequest::under(""))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn bodies_of_every_length_arrive_whole() {
    let store = MemoryStore::new();
    for length in [0, 1, 999, 1000, 1001, 1999, 2000, 2001, 10_000] {
        let data = noise(length, length as u64);
        let name = key(&format!("v2/{length}"));
        let sending = Sending {
            part_size: 1000,
            parallel: 3,
            ..Sending::default()
        };
        let meta = send(&store, &name, pieces(&data), sending).await.unwrap();
        assert_eq!(meta.size, length as u64);
        assert_eq!(store.read(&name.into()).await.unwrap(), data);
    }
}

/// Waits for ever: time is tokio's, paused, so the test does not.
#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_ends_at_its_deadline() {
    #[derive(Debug)]
    struct Hangs(MemoryStore);

    #[async_trait::async_trait]
    impl Snapstore for Hangs {
        fn location(&self) -> &snapstore::Location {
            self.0.location()
        }
        fn capabilities(&self) -> &snapstore::Capabilities {
            self.0.capabilities()
        }
        async fn put(
            &self,
            _: &Key,
            _: Bytes,
            _: PutOptions,
        ) -> snapstore::Result<snapstore::ObjectMeta> {
            std::future::pending().await
        }
        async fn start_upload(
            &self,
            _: &Key,
            _: snapstore::UploadOptions,
        ) -> snapstore::Result<Box<dyn snapstore::Upload>> {
            std::future::pending().await
        }
        async fn get(
            &self,
            object: &ObjectId,
            range: Option<std::ops::Range<u64>>,
        ) -> snapstore::Result<snapstore::Download> {
            let mut download = self.0.get(object, range).await?;
            download.body = Box::pin(futures::stream::pending());
            Ok(download)
        }
        async fn head(&self, _: &ObjectId) -> snapstore::Result<snapstore::ObjectMeta> {
            std::future::pending().await
        }
        async fn list(&self, _: &ListRequest) -> snapstore::Result<snapstore::ListPage> {
            std::future::pending().await
        }
        async fn delete(&self, _: &ObjectId) -> snapstore::Result<()> {
            std::future::pending().await
        }
        async fn sweep(&self, _: std::time::SystemTime) -> snapstore::Result<u64> {
            std::future::pending().await
        }
    }

    let memory = MemoryStore::new();
    let id: ObjectId = key("v2/a").into();
    memory
        .put(&id.key, noise(10, 1), PutOptions::default())
        .await
        .unwrap();
    let store = Timeout::new(
        Arc::new(Hangs(memory)),
        Deadlines::default(),
        Arc::new(SystemClock),
    );
    assert!(
        store
            .head(&id)
            .await
            .unwrap_err()
            .to_string()
            .contains("head v2/a")
    );
    assert!(store.delete(&id).await.unwrap_err().is_retryable());
    assert!(
        store
            .list(&ListRequest::default())
            .await
            .unwrap_err()
            .is_retryable()
    );
    assert!(
        store
            .put(&id.key, Bytes::new(), PutOptions::default())
            .await
            .unwrap_err()
            .is_retryable()
    );
    let mut body = store.get(&id, None).await.unwrap().body;
    assert!(body.try_next().await.unwrap_err().is_retryable());
    assert!(body.try_next().await.unwrap().is_none());
}
