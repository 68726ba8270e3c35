//! A source, and copies of it.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;

use engine::copy::{
    ContentCheck, Filter, Line, Mode, Outcome, Passage, Report, Request, Result, copy,
};
use engine::progress::Unobserved;
use engine::session::Session;
use engine::snapshot::Arrival;
use jiff::Timestamp;
use snapstore::clock::Clock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, ListRequest, PutOptions, Sending, Snapstore, SnapstoreExt};
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;
use testkit::hooks::{Hooked, Hooks};
use testkit::synthetic::{History, delta_name, full_name};
use tokio_util::sync::CancellationToken;

use crate::stubs::Hurried;

/// Two chains: a full at 20 with deltas to 30 and 40, and one at 40 with a delta to 60.
pub(crate) async fn source() -> MemoryStore {
    let (store, mut history) = (MemoryStore::new(), History::default());
    history.wander(60, 1);
    for full in [20, 40] {
        put(&store, &full_name(full, Gzip), &history.full(full)).await;
    }
    for (first, last) in [(21, 30), (31, 40), (41, 60)] {
        let content = history.delta(first..=last);
        put(&store, &delta_name(first, last, Gzip), &content).await;
    }
    store
}

async fn put(store: &MemoryStore, name: &str, content: &[u8]) {
    let bytes = Bytes::from(compress(Gzip, content));
    let key = key(name);
    let put = store.put(&key, bytes, PutOptions::default());
    put.await.unwrap();
}

pub(crate) fn key(name: &str) -> Key {
    Key::new(format!("v2/{name}")).unwrap()
}

pub(crate) fn session(store: Arc<dyn Snapstore>, clock: Arc<dyn Clock>) -> Session {
    Session {
        store,
        observer: Arc::new(Unobserved),
        cancel: CancellationToken::new(),
        seed: 5,
        clock,
        runtime: tokio::runtime::Handle::current(),
        keys: Default::default(),
    }
}

/// From a source whose calls go through hooks to a destination whose calls do.
pub(crate) async fn copied(
    source: impl Hooks,
    destination: impl Hooks,
    request: &Request,
) -> Result<Report> {
    let source = Arc::new(Hooked(source));
    let from = session(source, Arc::new(Hurried));
    let to = Session {
        store: Arc::new(Hooked(destination)),
        ..from.clone()
    };
    copy(&from, &to, request).await
}

pub(crate) fn request() -> Request {
    Request {
        filter: Filter::default(),
        parallel: NonZero::new(4).unwrap(),
        sending: Sending::default(),
        arrival: Arrival::Size,
        passage: Passage::ByService,
        content: ContentCheck::TrailingHash,
        rate: None,
        waiting: None,
        mode: Mode::Copy,
        now: Timestamp::from_second(1_800_000_000).unwrap(),
    }
}

pub(crate) async fn objects(store: &MemoryStore) -> BTreeMap<String, Bytes> {
    let mut objects = BTreeMap::new();
    for object in store.list_all(ListRequest::default()).await.unwrap() {
        let bytes = store.read(&object.id).await.unwrap();
        objects.insert(object.id.key.to_string(), bytes);
    }
    objects
}

pub(crate) fn line<'a>(report: &'a Report, name: &str) -> &'a Line {
    let mut lines = report.objects.iter();
    lines.find(|line| line.snapshot.ends_with(name)).unwrap()
}

pub(crate) fn count(report: &Report, outcome: Outcome) -> usize {
    let lines = report.objects.iter();
    lines.filter(|line| line.outcome == outcome).count()
}

pub(crate) fn full(revision: i64) -> String {
    full_name(revision, Gzip)
}

pub(crate) fn delta(first: i64, last: i64) -> String {
    delta_name(first, last, Gzip)
}
