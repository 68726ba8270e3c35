//! Objects that S3 encrypts with a key of the customer's (SSE-C), which it takes over TLS alone: on a
//! MinIO of this test's own that shows a certificate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use testkit::stores;

use conformance_tests::{Context, all, hold};
use futures::{StreamExt, stream};
use snapstore::clock::{Clock, SystemClock};
use snapstore::{Bytes, Key, ListRequest, PutOptions, Snapstore, SnapstoreExt};
use testkit::emulators::SecureMinio;
use testkit::proxy::Authority;

const OURS: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

struct Server {
    minio: SecureMinio,
    ca: String,
}

impl Server {
    async fn start() -> Self {
        let authority = Authority::new().unwrap();
        let identity = authority.identity(&["127.0.0.1"]).unwrap();
        let minio = SecureMinio::start(identity.pem(), identity.key_pem()).unwrap();
        let ca = authority.pem();
        let mut attempts = 0;
        while let Err(said) = stores::s3::try_bucket(minio.url(), &ca).await {
            attempts += 1;
            assert!(attempts < 600, "it does not serve: {said}");
            SystemClock.sleep(Duration::from_millis(100)).await;
        }
        Self { minio, ca }
    }

    /// The store as somebody finds it who has `key`; an empty one is none.
    async fn store(&self, room: &Path, key: &str) -> Arc<dyn Snapstore> {
        let place = stores::s3::of_customer(room, self.minio.url(), &self.ca, key);
        place.open().await.unwrap()
    }
}

/// Cases at work at once: each waits for one answer after the other.
const AT_ONCE: usize = 12;

/// With such a key the ETag of a part is another each time, the same bytes or not: a completion names
/// the one that came last, or is refused.
const OF_PLAIN_ETAGS: &str = "upload::a_repeated_part_replaces_the_first";

/// Puts, parts, ranges and heads each have headers of their own for the key.
#[tokio::test]
async fn every_promise_is_kept_with_a_key_of_the_customers() {
    let (server, room) = (Server::start().await, tempfile::tempdir().unwrap());
    let store = server.store(room.path(), OURS).await;
    let is_gap = |name: &str| stores::s3::ONE_DRIVE.iter().any(|gap| gap.case == name);
    let cases = all().zip(0..).filter(|(case, _)| !is_gap(case.name));
    // What they leave goes with the server.
    let held = stream::iter(cases).map(|(case, seed)| {
        let context = Context::new(store.clone(), seed);
        async move { (case.name, hold(case, context).await.outcome) }
    });
    let held: Vec<_> = held.buffer_unordered(AT_ONCE).collect().await;
    let broken = held
        .into_iter()
        .filter_map(|(name, outcome)| Some((name, outcome.err()?.to_string())));
    let mut broken: Vec<_> = broken.collect();
    let expected =
        |(name, said): &(&str, String)| *name == OF_PLAIN_ETAGS && said.contains("InvalidPart");
    broken.retain(|failure| !expected(failure));
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn nobody_reads_it_without_the_key() {
    let (server, room) = (Server::start().await, tempfile::tempdir().unwrap());
    let ours = server.store(&room.path().join("ours"), OURS).await;
    let key = Key::new("v2/Full-1").unwrap();
    let data = Bytes::from_static(b"what nobody else may read");
    let put = ours.put(&key, data.clone(), PutOptions::default()).await;
    put.unwrap();
    assert_eq!(ours.read(&key.clone().into()).await.unwrap(), data);
    for (name, wrong) in [("none", ""), ("other", OTHER)] {
        let theirs = server.store(&room.path().join(name), wrong).await;
        let listed = theirs.list_all(ListRequest::under("v2/")).await.unwrap();
        assert_eq!(listed.len(), 1, "a listing needs no key");
        let error = theirs.read(&key.clone().into()).await.unwrap_err();
        assert!(!error.is_retryable(), "{name}: {error}");
        assert!(!format!("{error:?}").contains(OTHER), "{error:?}");
    }
}
