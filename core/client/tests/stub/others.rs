//! A client for a stub, a clock that waits for nothing, and what happens when one stub of two fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use client::{Client, Compaction, Config, Endpoint, ErrorKind, Etcd, Pace, Read, Retries, Scheme};
use snapstore::clock::Clock;
use snapstore::layers::Backoff;

use crate::messages::headed;
use crate::server::{End, Reply, Stub, ok, refused};

/// A clock that waits for nothing, and keeps how long it should have waited.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<Vec<Duration>>);

#[async_trait]
impl Clock for Waits {
    async fn sleep(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
    }
}

pub(crate) fn retries(attempts: u32, clock: Arc<Waits>) -> Retries {
    Retries {
        backoff: Backoff {
            attempts,
            ..Backoff::default()
        },
        clock,
        seed: 1,
    }
}

pub(crate) fn config(urls: &[&str]) -> Config {
    let endpoint = |url: &&str| Endpoint::parse(url, Scheme::Clear).unwrap();
    Config {
        endpoints: urls.iter().map(endpoint).collect(),
        tls: client::Tls::default(),
        login: None,
        pace: Pace::default(),
    }
}

/// One attempt, and no second one.
pub(crate) async fn client(stub: &Stub) -> Client {
    let once = retries(1, Arc::default());
    Client::new(config(&[stub.url()]), once).await.unwrap()
}

const LEADER_CHANGED: &str = "etcdserver: leader changed";

#[tokio::test]
async fn what_reads_is_asked_of_the_next_and_stays_there() {
    let (one, two) = (Stub::new().await, Stub::new().await);
    one.answers("Range", [refused(14, LEADER_CHANGED)]);
    two.answers("Range", [ok(headed(7))]);
    let both = config(&[one.url(), two.url()]);
    let clock = Arc::new(Waits::default());
    let client = Client::new(both, retries(1, clock.clone())).await.unwrap();
    for _ in 0..3 {
        let head = client.head(Read::Agreed).await.unwrap();
        assert_eq!(head.revision, 7);
    }
    assert_eq!((one.called("Range"), two.called("Range")), (1, 3));
    assert!(clock.0.lock().unwrap().is_empty());
    // When that one fails, the first has its turn again.
    two.answers("Range", [refused(14, LEADER_CHANGED)]);
    one.answers("Range", [ok(headed(8))]);
    let head = client.head(Read::Agreed).await.unwrap();
    assert_eq!(head.revision, 8);
}

/// A compaction whose answer was lost was sent again, and "already compacted" told as a failure of it.
#[tokio::test]
async fn what_changes_something_is_not_repeated() {
    let (one, two) = (Stub::new().await, Stub::new().await);
    for stub in [&one, &two] {
        stub.answers("Compact", [refused(14, "etcdserver: request timed out")]);
    }
    let both = config(&[one.url(), two.url()]);
    let retries = retries(5, Arc::default());
    let client = Client::new(both, retries).await.unwrap();
    let error = client.compact(3, Compaction::Decided).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!((one.called("Compact"), two.called("Compact")), (1, 0));
}

#[tokio::test]
async fn between_the_rounds_it_is_waited_and_then_given_up() {
    let (one, two) = (Stub::new().await, Stub::new().await);
    for stub in [&one, &two] {
        stub.answers("Range", [refused(14, "etcdserver: no leader")]);
    }
    let both = config(&[one.url(), two.url()]);
    let clock = Arc::new(Waits::default());
    let client = Client::new(both, retries(4, clock.clone())).await.unwrap();
    let error = client.head(Read::Agreed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoLeader);
    let told = error.to_string();
    let said = "no leader: etcdserver: no leader";
    assert_eq!(told, format!("read keys at {}: {said}", two.url()));
    assert_eq!((one.called("Range"), two.called("Range")), (4, 4));
    let waits = clock.0.lock().unwrap().clone();
    assert_eq!(waits.len(), 3);
    assert!(waits.iter().all(|wait| !wait.is_zero()));
}

/// What is no fault of the member's is asked once.
#[tokio::test]
async fn what_is_refused_is_not_asked_of_others() {
    let (one, two) = (Stub::new().await, Stub::new().await);
    let compacted = "etcdserver: mvcc: required revision has been compacted";
    one.answers("Range", [refused(11, compacted)]);
    let both = config(&[one.url(), two.url()]);
    let client = Client::new(both, retries(5, Arc::default())).await.unwrap();
    let error = client.head(Read::Agreed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Compacted);
    assert_eq!((one.called("Range"), two.called("Range")), (1, 0));
}

#[tokio::test]
async fn a_stream_that_breaks_makes_the_next_one_another_members() {
    let (one, two) = (Stub::new().await, Stub::new().await);
    let created = crate::watches::created(5);
    let breaks = Reply {
        messages: vec![created.clone()],
        end: End::Breaks,
    };
    one.answers("Watch", [breaks]);
    let stays = Reply {
        messages: vec![created],
        end: End::Never,
    };
    two.answers("Watch", [stays]);
    let both = config(&[one.url(), two.url()]);
    let client = Client::new(both, retries(1, Arc::default())).await.unwrap();
    let mut watch = client.watch(crate::watches::from(5)).await.unwrap();
    assert_eq!(watch.endpoint().to_string(), one.url());
    let error = watch.next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    let watch = client.watch(crate::watches::from(5)).await.unwrap();
    assert_eq!(watch.endpoint().to_string(), two.url());
}

#[tokio::test]
async fn a_configuration_that_cannot_be_is_refused() {
    let none = Client::new(config(&[]), retries(1, Arc::default())).await;
    assert_eq!(none.unwrap_err().kind(), ErrorKind::Config);
    // etcd answers pings of every four seconds with GOAWAY.
    let mut often = config(&["127.0.0.1:1"]);
    often.pace.keepalive = Duration::from_secs(4);
    let often = Client::new(often, retries(1, Arc::default())).await;
    assert_eq!(often.unwrap_err().kind(), ErrorKind::Config);
}
