//! What surrounds a snapshotter, and how it is moved on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use client::scripted::{Asked, Said, Scripted};
use client::{Batch, BatchEnd, Change, Endpoint, Event, KeyValue, Scheme, WatchItem};
use engine::backups::Compression;
use engine::backups::encoder::Level;
use engine::progress::Unobserved;
use engine::session::Session;
use engine::snapshot::Arrival;
use engine::snapshot::fence::Process;
use engine::snapshot::machine::Policy;
use engine::snapshot::taking::{
    Error, Listener, Notice, Report, RequestReceiver, RequestSender, Settings, Task, Turn, run,
};
use jiff::Timestamp;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, ListRequest, ObjectId, Sending, SnapstoreExt};
use testkit::hooks::Hooked;
use testkit::synthetic::{self, History};

use crate::clock::Hand;
use crate::switch::Switch;

pub(crate) struct World {
    pub(crate) etcd: Scripted,
    pub(crate) store: Arc<Hooked<Switch>>,
    pub(crate) clock: Arc<Hand>,
    pub(crate) settings: Settings,
    pub(crate) requests: RequestSender,
    requested: Mutex<Option<RequestReceiver>>,
    notices: Arc<Mutex<Vec<String>>>,
    /// Revision of the last event.
    head: Mutex<i64>,
}

struct Notices(Arc<Mutex<Vec<String>>>);

impl Listener for Notices {
    fn notice(&self, notice: &Notice<'_>) {
        self.0.lock().unwrap().push(format!("{notice:?}"));
    }
}

impl World {
    /// An etcd at revision 20, whose first full is ready to be sent.
    pub(crate) fn new() -> Self {
        let clock = Arc::new(Hand::default());
        let endpoint = Endpoint::parse("scripted:1", Scheme::Clear).unwrap();
        let etcd = Scripted::new(endpoint, clock.clone());
        let now = {
            let clock = clock.clone();
            let begun = Timestamp::from_second(1_800_000_000).unwrap();
            move || begun + clock.passed()
        };
        let settings = Settings {
            task: Task::Follow,
            policy: Policy {
                period: Some(Duration::from_secs(20)),
                limit: 2_000,
                queue: 3_000,
                catch_up: 50,
                retry: Duration::from_secs(2),
                retry_at_most: Duration::from_secs(60),
            },
            schedule: None,
            compression: Compression::None,
            level: Level::default(),
            threads: 2,
            sending: Sending::default(),
            stall: Duration::from_secs(60),
            full_within: Duration::from_secs(900),
            turn: Turn::default(),
            arrival: Arrival::Size,
            look_every: Duration::from_secs(10),
            check_every: Duration::from_secs(60),
            between_changes: Duration::from_secs(300),
            stop_within: Duration::from_secs(20),
            attempts: 3,
            process: Process::current(),
            settle: Duration::from_secs(10),
            now: Arc::new(now),
            tool: "test".to_owned(),
        };
        let (requests, requested) = RequestSender::new();
        let world = Self {
            etcd,
            store: Arc::new(Hooked(Switch::new(MemoryStore::new()))),
            clock,
            settings,
            requests,
            requested: Mutex::new(Some(requested)),
            notices: Arc::default(),
            head: Mutex::new(20),
        };
        world.etcd.facts(|facts| facts.head.revision = 20);
        world.sends_full(20);
        world
    }

    /// The next full that is asked for holds the history up to there.
    pub(crate) fn sends_full(&self, revision: i64) {
        let mut history = History::default();
        history.wander(revision, 7);
        let database = synthetic::database(&history.events(2..=revision));
        self.etcd.sends_database(&database.into(), 4096);
    }

    /// So many puts, each a revision, of which the watch tells.
    pub(crate) fn puts(&self, count: i64) {
        self.puts_on_lease(count, 0);
    }

    pub(crate) fn puts_on_lease(&self, count: i64, lease: i64) {
        let events = (0..count).map(|_| self.put(lease)).collect();
        let head = *self.head.lock().unwrap();
        let end = BatchEnd::Whole;
        let batch = Batch { head, events, end };
        self.etcd.says([Said::Item(WatchItem::Batch(batch))]);
    }

    /// So many puts that the watch has lost.
    pub(crate) fn loses(&self, count: i64) {
        for _ in 0..count {
            self.put(0);
        }
    }

    fn put(&self, lease: i64) -> Event {
        let mut head = self.head.lock().unwrap();
        *head += 1;
        let (revision, key) = (*head, Bytes::from_static(b"key"));
        let value = Bytes::from(vec![b'v'; 30]);
        let stored = KeyValue {
            key: key.clone(),
            value: value.clone(),
            create_revision: 21,
            mod_revision: revision,
            version: revision - 20,
            lease,
        };
        self.etcd.facts(|facts| {
            facts.head.revision = revision;
            facts.keys.insert((key.clone(), revision), stored);
        });
        Event {
            key,
            mod_revision: revision,
            change: Change::Put {
                value,
                create_revision: 21,
                version: revision - 20,
                lease,
            },
        }
    }

    /// One that works on the store, by the clock.
    pub(crate) fn session(&self) -> Session {
        Session {
            store: self.store.clone(),
            observer: Arc::new(Unobserved),
            cancel: Default::default(),
            seed: 5,
            clock: self.clock.clone(),
            runtime: tokio::runtime::Handle::current(),
            keys: Default::default(),
        }
    }

    /// Runs a snapshotter beside `story`, and stops it when that is told.
    pub(crate) async fn run(&self, story: impl Future<Output = ()>) -> Result<Report, Error> {
        let session = self.session();
        let (etcd, settings) = (Arc::new(self.etcd.clone()), self.settings.clone());
        let (notices, cancel) = (Notices(self.notices.clone()), session.cancel.clone());
        let mut running = {
            // Of one that is started again nobody wants anything.
            let requested = self.requested.lock().unwrap().take();
            let requested = requested.unwrap_or_else(|| RequestSender::new().1);
            tokio::spawn(async move { run(&session, etcd, &settings, &notices, requested).await })
        };
        tokio::select! {
            () = story => {}
            // It has ended by itself.
            ended = &mut running => return ended.unwrap(),
        }
        cancel.cancel();
        loop {
            self.moves_on().await;
            if running.is_finished() {
                return running.await.unwrap();
            }
        }
    }

    /// A little time passes, and everybody gets a turn.
    #[expect(
        clippy::disallowed_methods,
        reason = "a full is compressed by a thread, which no clock of ours moves"
    )]
    pub(crate) async fn moves_on(&self) {
        self.clock.advance(Duration::from_millis(100));
        tokio::time::sleep(Duration::from_micros(200)).await;
    }

    /// Time passes in which no thread is at work: every task gets its turns.
    pub(crate) async fn passes(&self, time: Duration) {
        self.clock.advance(time);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }

    /// Lets time pass until something is so.
    pub(crate) async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        for _ in 0..20_000 {
            if is_so().await {
                return;
            }
            self.moves_on().await;
        }
        unreachable!("{what} did not happen: {:#?}", self.notices.lock().unwrap());
    }

    pub(crate) async fn until_told(&self, words: &str) {
        self.until(words, async || self.told(words) > 0).await;
    }

    /// How often something was told.
    pub(crate) fn told(&self, words: &str) -> usize {
        let notices = self.notices.lock().unwrap();
        notices.iter().filter(|told| told.contains(words)).count()
    }

    pub(crate) fn asked(&self, which: impl Fn(&Asked) -> bool) -> usize {
        self.etcd
            .asked()
            .iter()
            .filter(|asked| which(asked))
            .count()
    }

    /// The names of the snapshots, in order.
    pub(crate) async fn names(&self) -> Vec<String> {
        let listed = self.store.store.list_all(ListRequest::under("v2/")).await;
        let names = listed.unwrap().into_iter();
        let name = |key: snapstore::Key| key.file_name().to_owned();
        let mut names: Vec<String> = names.map(|object| name(object.id.key)).collect();
        names.sort();
        names
    }

    /// What stands in an object.
    pub(crate) async fn read(&self, key: &str) -> String {
        let key = snapstore::Key::new(key).unwrap();
        let bytes = self.store.store.read(&ObjectId::from(key)).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until deltas reach a revision.
    pub(crate) async fn until_stored(&self, revision: i64) {
        let end = format!("-{revision:08}-");
        let is_there = async || self.names().await.iter().any(|name| name.contains(&end));
        self.until(&end, is_there).await;
    }
}
