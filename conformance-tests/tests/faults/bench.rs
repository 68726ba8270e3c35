//! A store behind a proxy, in a corner of the bucket of its own.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::{Backoff, Deadlines, Resume, Retry, RetryPolicy, Timeout};
use snapstore::{
    Bytes, Error, ErrorKind, Key, ListRequest, Result as StoreResult, Snapstore, SnapstoreExt,
    StoreConfig,
};
use tempfile::TempDir;
use testkit::proxy::{Fault, Proxy};

use crate::kinds::Kind;
use testkit::stores::Stand;

/// Nothing is given up that a server on a busy machine takes its time for: Swift took more than 15 s to delete an upload, and five tests
/// failed that wait for something else.
const PATIENT: Deadlines = deadlines(60);

/// What stalls is given up after this time.
const HURRIED: Deadlines = deadlines(5);

const fn deadlines(seconds: u64) -> Deadlines {
    Deadlines {
        call: Duration::from_secs(seconds),
        body: Duration::from_secs(2 * seconds),
        silence: Duration::from_secs(seconds),
    }
}

pub(crate) struct Bench {
    pub(crate) proxy: Proxy,
    /// Dressed as the program dresses it.
    pub(crate) store: Arc<dyn Snapstore>,
    plan: Mutex<Option<(Kind, u32)>>,
    suffered: Mutex<u64>,
    corrupt: Mutex<bool>,
    waits: Arc<Waits>,
    _files: TempDir,
}

/// A clock that notes what it is asked for and does not wait.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<Duration>>);

#[async_trait]
impl Clock for Waits {
    async fn sleep(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
        tokio::task::yield_now().await;
    }
}

impl Bench {
    pub(crate) async fn open(stand: &Stand) -> Result<Self, String> {
        Self::open_within(stand, PATIENT).await
    }

    /// One on which this is to go wrong.
    pub(crate) async fn open_for(stand: &Stand, kind: &Kind) -> Result<Self, String> {
        let within = match kind.fault {
            Fault::Stall(_) => HURRIED,
            _ => PATIENT,
        };
        Self::open_within(stand, within).await
    }

    async fn open_within(stand: &Stand, within: Deadlines) -> Result<Self, String> {
        let server = stand.server.clone()?;
        let proxy = Proxy::start(&server).map_err(|error| error.to_string())?;
        for (from, to) in stand.words {
            proxy.reword(from, to);
        }
        let files = tempfile::tempdir().unwrap();
        let config = StoreConfig {
            prefix: corner(),
            ..(stand.store)(proxy.url(), files.path())
        };
        let opened = (stand.provider.open)(config).await;
        let opened = opened.map_err(|error| format!("cannot open: {error}"))?;
        let waits = Arc::new(Waits::default());
        Ok(Self {
            proxy,
            store: dressed(opened, waits.clone(), within),
            plan: Mutex::default(),
            suffered: Mutex::default(),
            corrupt: Mutex::default(),
            waits,
            _files: files,
        })
    }

    pub(crate) fn key(&self, name: &str) -> Key {
        Key::new(name).unwrap()
    }

    /// Of the requests that [`Bench::suffers`] sends, number `request` (from 0) is spoiled.
    pub(crate) fn plan(&self, kind: &Kind, request: u32) {
        *self.plan.lock().unwrap() = Some((kind.clone(), request));
        self.waits.0.lock().unwrap().clear();
    }

    /// Does the work while the fault lies in wait.
    pub(crate) async fn suffers<T>(
        &self,
        work: impl Future<Output = StoreResult<T>>,
    ) -> StoreResult<T> {
        let before = self.proxy.faults();
        if let Some((kind, request)) = self.plan.lock().unwrap().take() {
            let on = kind.on.after(request);
            self.proxy.inject(kind.fault, on, 1);
        }
        let done = work.await;
        self.proxy.clear();
        *self.suffered.lock().unwrap() = self.proxy.faults() - before;
        let corrupt = |error: &Error| error.kind() == ErrorKind::Corrupt;
        *self.corrupt.lock().unwrap() = done.as_ref().is_err_and(corrupt);
        done
    }

    /// Every request is answered with `fault` while the work is done.
    pub(crate) async fn suffers_always<T>(
        &self,
        fault: Fault,
        work: impl Future<Output = StoreResult<T>>,
    ) -> StoreResult<T> {
        self.proxy.inject(fault, Default::default(), u32::MAX);
        let done = work.await;
        self.proxy.clear();
        done
    }

    /// How many requests were spoiled last.
    pub(crate) fn suffered(&self) -> u64 {
        *self.suffered.lock().unwrap()
    }

    /// Whether the answer was that the data is damaged.
    pub(crate) fn said_corrupt(&self) -> bool {
        *self.corrupt.lock().unwrap()
    }

    /// The longest wait before a request was repeated; none if nothing was.
    pub(crate) fn longest_wait(&self) -> Option<Duration> {
        let waits = self.waits.0.lock().unwrap();
        waits.iter().max().copied()
    }

    /// Removes what is there.
    pub(crate) async fn empty(&self) -> Result<(), String> {
        let listed = self.store.list_all(ListRequest::default()).await;
        for object in listed.map_err(said)? {
            self.store.delete(&object.id).await.map_err(said)?;
        }
        Ok(())
    }

    /// The store holds just these objects, in its listing and when they are read.
    pub(crate) async fn holds_only(&self, expected: &[(&Key, &Bytes)]) -> Result<(), String> {
        let listed = self.store.list_all(ListRequest::default()).await;
        let mut listed: Vec<_> = listed
            .map_err(said)?
            .into_iter()
            .map(|object| (object.id.key, object.size))
            .collect();
        listed.sort();
        let mut wanted: Vec<_> = expected
            .iter()
            .map(|(key, data)| ((*key).clone(), data.len() as u64))
            .collect();
        wanted.sort();
        if listed != wanted {
            return Err(format!("it lists {listed:?}, not {wanted:?}"));
        }
        for (key, data) in expected {
            let held = self.store.read(&(*key).clone().into()).await;
            if held.map_err(said)? != *data {
                return Err(format!("{key} holds other bytes than were stored"));
            }
        }
        Ok(())
    }

    /// Removes `key` and sees that nothing is left in the listing.
    pub(crate) async fn clean(&self, key: &Key) -> Result<(), String> {
        self.store.delete(&key.clone().into()).await.map_err(said)?;
        self.holds_only(&[]).await
    }

    /// How many abandoned uploads there are. They are none afterwards.
    pub(crate) async fn leftovers(&self) -> Result<u64, String> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the server has a clock of its own"
        )]
        let later = SystemTime::now() + Duration::from_secs(3600);
        self.store.sweep(later).await.map_err(said)
    }

    /// What interrupted work has left can be swept away, and then there is nothing.
    pub(crate) async fn leaves_nothing(&self) -> Result<(), String> {
        self.leftovers().await?;
        match self.leftovers().await? {
            0 => self.holds_only(&[]).await,
            some => Err(format!("{some} abandoned uploads are left after a sweep")),
        }
    }
}

/// A prefix that nobody else has.
pub(crate) fn corner() -> String {
    format!("faults/{:016x}", fastrand::u64(..))
}

pub(crate) fn said(error: Error) -> String {
    error.to_string()
}

/// In the order of [`snapstore::layers::with_layers`]. Deadlines go by a real clock.
fn dressed(store: Arc<dyn Snapstore>, waits: Arc<Waits>, within: Deadlines) -> Arc<dyn Snapstore> {
    let timely = Timeout::new(store, within, Arc::new(SystemClock));
    let policy = RetryPolicy::new(Backoff::default(), waits, 1);
    let retrying = Retry::new(Arc::new(timely), policy.clone());
    Arc::new(Resume::new(Arc::new(retrying), policy))
}
