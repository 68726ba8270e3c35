//! What the tests take, and where from and to.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use client::scripted::Scripted;
use client::{Endpoint, Scheme};
use engine::backups::encoder::Level;
use engine::backups::{Compression, Decoder};
use engine::progress::Unobserved;
use engine::session::Session;
use engine::snapshot::full::{Opened, Request, TakenFull, take};
use engine::snapshot::{Arrival, Error};
use sha2::{Digest, Sha256};
use snapstore::clock::Clock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, ListRequest, Sending, Snapstore, SnapstoreExt};
use tokio::sync::Notify;

/// A clock by which time passes only when it is told so.
#[derive(Debug, Default)]
pub(crate) struct Told {
    passed: Mutex<bool>,
    told: Notify,
}

impl Told {
    pub(crate) fn pass(&self) {
        *self.passed.lock().unwrap() = true;
        self.told.notify_waiters();
    }
}

#[async_trait]
impl Clock for Told {
    async fn sleep(&self, _duration: Duration) {
        let told = self.told.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        if !*self.passed.lock().unwrap() {
            told.await;
        }
    }
}

pub(crate) fn session(store: Arc<dyn Snapstore>, clock: Arc<dyn Clock>) -> Session {
    Session {
        store,
        observer: Arc::new(Unobserved),
        cancel: Default::default(),
        seed: 5,
        clock,
        runtime: tokio::runtime::Handle::current(),
        keys: Default::default(),
    }
}

/// In small parts, so that a few are under way.
pub(crate) fn request(compression: Compression) -> Request {
    Request {
        revision: 7,
        created: 1_800_000_000,
        is_final: false,
        compression,
        level: Level::default(),
        threads: 2,
        sending: Sending {
            part_size: 64 << 10,
            parallel: 2,
            ..Sending::default()
        },
        stall: Duration::from_secs(60),
        arrival: Arrival::Size,
    }
}

pub(crate) fn scripted(clock: Arc<dyn Clock>) -> Scripted {
    let endpoint = Endpoint::parse("scripted:1", Scheme::Clear).unwrap();
    let etcd = Scripted::new(endpoint, clock);
    etcd.facts(|facts| (facts.head.revision, facts.lag) = (50, 8));
    etcd
}

/// Bytes that no compression makes fewer.
pub(crate) fn noise(length: usize) -> Bytes {
    let mut random = fastrand::Rng::with_seed(4);
    let bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
    bytes.into()
}

/// Takes it, and what was told when it began.
pub(crate) async fn taken(
    session: &Session,
    etcd: &dyn client::Etcd,
    request: &Request,
) -> (Result<TakenFull, Error>, Option<Opened>) {
    let mut told = None;
    let taken = take(session, etcd, request, |opened| told = Some(opened)).await;
    (taken, told)
}

/// Every object of a store.
pub(crate) async fn objects(store: &MemoryStore) -> Vec<(String, Bytes)> {
    let mut objects = Vec::new();
    for object in store.list_all(ListRequest::default()).await.unwrap() {
        let bytes = store.read(&object.id).await.unwrap();
        objects.push((object.id.key.as_str().to_owned(), bytes));
    }
    objects
}

/// The database in an object, whose hash stands after it.
pub(crate) fn database_in(object: &[u8], compression: Compression) -> Vec<u8> {
    let mut content = Vec::new();
    Decoder::new(compression, object)
        .read_to_end(&mut content)
        .unwrap();
    let hash = content.split_off(content.len() - 32);
    assert_eq!(hash, Sha256::digest(&content)[..]);
    content
}
