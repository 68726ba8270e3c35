//! STUBS: two stores of one service, which copies from one to the other by itself, well or badly.

use std::ops::Range;
use std::sync::Mutex;

use async_trait::async_trait;
use engine::copy::{Outcome, Passage, Report, Request};
use engine::snapshot::Arrival;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Error, ErrorKind, Key, Location, ObjectId, Original,
    PutOptions, Result, SameContent, Snapstore, SnapstoreExt,
};
use testkit::hooks::Hooks;

use crate::set_up::{copied, delta, full, key, line, objects, request, source};
use crate::stubs::{ReadOnly, Reads};

/// What the service does when it is asked for a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Makes {
    /// What it should.
    Soundly,
    /// Other bytes, as many.
    Garbled,
    /// All but the last byte.
    Shorter,
    /// Nothing.
    Refuses,
    /// What it should, and its answer is lost.
    LosesAnswer,
}

/// The destination, and its service.
#[derive(Debug)]
struct Served {
    from: MemoryStore,
    store: MemoryStore,
    makes: Makes,
    tells: SameContent,
    capabilities: Capabilities,
    location: Location,
    order: Mutex<Vec<String>>,
}

impl Served {
    fn new(from: &MemoryStore, store: &MemoryStore, makes: Makes, tells: SameContent) -> Self {
        let mut capabilities = store.capabilities().clone();
        capabilities
            .service
            .clone_from(&from.capabilities().service);
        Self {
            from: from.clone(),
            store: store.clone(),
            makes,
            tells,
            capabilities,
            location: Location {
                bucket: "destination".to_owned(),
                ..store.location().clone()
            },
            order: Mutex::default(),
        }
    }
}

#[async_trait]
impl Hooks for Served {
    fn store(&self) -> &dyn Snapstore {
        &self.store
    }

    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let id = &original.object.id;
        assert_eq!(self.from.head(id).await?.etag, original.object.etag);
        let mut bytes = self.from.read(id).await?.to_vec();
        match self.makes {
            Makes::Garbled => bytes[20] ^= 1,
            Makes::Shorter => drop(bytes.pop()),
            Makes::Refuses => {
                self.order.lock().unwrap().push(format!("refused {key}"));
                return Err(Error::new(ErrorKind::Denied, "copy", "403").with_key(key));
            }
            _ => {}
        }
        // Others go on meanwhile.
        for _ in 0..bytes.len() % 7 {
            tokio::task::yield_now().await;
        }
        let meta = self.store.put(key, bytes.into(), options).await?;
        self.order.lock().unwrap().push(key.to_string());
        match self.makes {
            Makes::LosesAnswer => {
                let error = Error::new(ErrorKind::Unexpected, "copy", "connection reset");
                Err(error.with_key(key))
            }
            _ => Ok(Copied {
                meta,
                content: self.tells,
            }),
        }
    }
}

/// A source of which no object is read.
#[derive(Debug)]
struct Unread(MemoryStore);

#[async_trait]
impl Hooks for Unread {
    fn store(&self) -> &dyn Snapstore {
        &self.0
    }

    async fn get(&self, object: &ObjectId, _: Option<Range<u64>>) -> Result<Download> {
        unreachable!("{} is read", object.key)
    }
}

async fn served(from: &MemoryStore, makes: Makes, tells: SameContent) -> (MemoryStore, Report) {
    let to = MemoryStore::new();
    let destination = Served::new(from, &to, makes, tells);
    let source = ReadOnly(from.clone(), Reads::Sound);
    let report = copied(source, destination, &request()).await;
    (to, report.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_copies_is_not_read() {
    let (from, to) = (source().await, MemoryStore::new());
    let destination = Served::new(&from, &to, Makes::Soundly, SameContent::ByChecksum);
    let report = copied(Unread(from.clone()), destination, &request()).await;
    let report = report.unwrap();
    assert_eq!((report.copied, report.copied_by_service), (5, 5));
    assert!(line(&report, &full(40)).why.contains("was not read"));
    assert_eq!(objects(&to).await, objects(&from).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_checksum_is_read_back() {
    let from = source().await;
    let (to, report) = served(&from, Makes::Soundly, SameContent::Unknown).await;
    assert_eq!((report.copied, report.copied_by_service), (5, 5));
    assert!(line(&report, &full(40)).why.contains("was read back"));
    assert_eq!(objects(&to).await, objects(&from).await);
}

/// A service that answers with success, and has made something else: no checksum of its own tells.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_garbles_goes_through_this_machine() {
    let from = source().await;
    for (makes, tells) in [
        (Makes::Garbled, SameContent::Unknown),
        (Makes::Shorter, SameContent::Unknown),
        (Makes::Shorter, SameContent::ByChecksum),
    ] {
        let (to, report) = served(&from, makes.clone(), tells).await;
        let counted = (report.copied, report.copied_by_service, report.not_copied);
        assert_eq!(counted, (5, 0, 0), "{makes:?}");
        assert_eq!(objects(&to).await, objects(&from).await, "{makes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_refuses_goes_through_this_machine() {
    let from = source().await;
    for makes in [Makes::Refuses, Makes::LosesAnswer] {
        let (to, report) = served(&from, makes.clone(), SameContent::ByChecksum).await;
        assert_eq!((report.copied, report.copied_by_service), (5, 0));
        assert_eq!(objects(&to).await, objects(&from).await, "{makes:?}");
    }
    // It is not asked again for each object.
    let to = MemoryStore::new();
    let destination = Served::new(&from, &to, Makes::Refuses, SameContent::ByChecksum);
    let one = Request {
        parallel: std::num::NonZero::<usize>::MIN,
        ..request()
    };
    let destination = std::sync::Arc::new(destination);
    let source = ReadOnly(from.clone(), Reads::Sound);
    let report = copied(source, Watched(destination.clone()), &one).await;
    assert_eq!(report.unwrap().copied, 5);
    assert_eq!(destination.order.lock().unwrap().len(), 1);
}

/// Keeps the calls for whoever looks after the copy.
#[derive(Debug)]
struct Watched(std::sync::Arc<Served>);

#[async_trait]
impl Hooks for Watched {
    fn store(&self) -> &dyn Snapstore {
        self.0.store()
    }

    fn capabilities(&self) -> &Capabilities {
        Hooks::capabilities(&*self.0)
    }

    fn location(&self) -> &Location {
        Hooks::location(&*self.0)
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        Hooks::copy_within(&*self.0, original, key, options).await
    }
}

/// Somebody else stored another object under the name a moment before.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_first_is_not_replaced_by_a_service() {
    let (from, to) = (source().await, MemoryStore::new());
    let same = objects(&from).await[&format!("v2/{}", full(40))].clone();
    let mut other = same.to_vec();
    other[12] ^= 1;
    for (bytes, outcome) in [
        (same.clone(), Outcome::Copied),
        (other.into(), Outcome::Failed),
    ] {
        let to = to.clone();
        let destination = Served::new(&from, &to, Makes::Soundly, SameContent::ByChecksum);
        let raced = Raced(destination, key(&full(40)), bytes.clone());
        let report = copied(ReadOnly(from.clone(), Reads::Sound), raced, &request()).await;
        let report = report.unwrap();
        assert_eq!(line(&report, &full(40)).outcome, outcome);
        let there = objects(&to).await;
        assert_eq!(there[&format!("v2/{}", full(40))], bytes);
        for object in there.keys() {
            let id = ObjectId::from(Key::new(object).unwrap());
            to.delete(&id).await.unwrap();
        }
    }
}

#[derive(Debug)]
struct Raced(Served, Key, Bytes);

#[async_trait]
impl Hooks for Raced {
    fn store(&self) -> &dyn Snapstore {
        self.0.store()
    }

    fn capabilities(&self) -> &Capabilities {
        Hooks::capabilities(&self.0)
    }

    fn location(&self) -> &Location {
        Hooks::location(&self.0)
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        if *key == self.1 {
            let first = self.0.store.put(key, self.2.clone(), options.clone());
            first.await?;
        }
        Hooks::copy_within(&self.0, original, key, options).await
    }
}

/// A service copies what is damaged as it is. Where it is read back that is found out, and what was made is removed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_at_the_source_is_found_where_it_is_read_back() {
    let from = source().await;
    let damaged = key(&delta(21, 30));
    let mut bytes = from.read(&damaged.clone().into()).await.unwrap().to_vec();
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    let options = PutOptions::overwrite();
    from.put(&damaged, bytes.into(), options).await.unwrap();
    for (tells, arrival) in [
        (SameContent::Unknown, Arrival::Size),
        (SameContent::ByChecksum, Arrival::ReadBack),
    ] {
        let to = MemoryStore::new();
        let destination = Served::new(&from, &to, Makes::Soundly, tells);
        let request = Request {
            arrival,
            ..request()
        };
        let source = ReadOnly(from.clone(), Reads::Sound);
        let report = copied(source, destination, &request).await.unwrap();
        let failed = line(&report, &delta(21, 30));
        assert_eq!(failed.outcome, Outcome::Failed, "{}", failed.why);
        assert!(failed.why.contains("at the source"), "{}", failed.why);
        assert!(!objects(&to).await.contains_key(damaged.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shall_pass_here_does() {
    let (from, to) = (source().await, MemoryStore::new());
    let destination = Served::new(&from, &to, Makes::Garbled, SameContent::ByChecksum);
    let request = Request {
        passage: Passage::Streamed,
        ..request()
    };
    let report = copied(ReadOnly(from.clone(), Reads::Sound), destination, &request).await;
    let report = report.unwrap();
    assert_eq!((report.copied, report.copied_by_service), (5, 0));
    assert_eq!(objects(&to).await, objects(&from).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_delta_is_made_by_a_service_before_its_full() {
    for _ in 0..50 {
        let (from, to) = (source().await, MemoryStore::new());
        let served = Served::new(&from, &to, Makes::Soundly, SameContent::ByChecksum);
        let served = std::sync::Arc::new(served);
        let source = ReadOnly(from, Reads::Sound);
        let report = copied(source, Watched(served.clone()), &request()).await;
        assert_eq!(report.unwrap().copied_by_service, 5);
        let order = served.order.lock().unwrap().clone();
        let place = |name: &str| order.iter().position(|key| key.ends_with(name)).unwrap();
        assert!(place(&full(40)) < place(&delta(41, 60)), "{order:?}");
        for delta in [delta(21, 30), delta(31, 40)] {
            assert!(place(&full(20)) < place(&delta), "{order:?}");
        }
    }
}
