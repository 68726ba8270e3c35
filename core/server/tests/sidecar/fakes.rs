//! Fakes of the ports: each call is told to the test, which says how it ends.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use server::{
    Cluster, ClusterFacts, ClusterState, Ending, Initializer, Kind, Latest, Mode, Position,
    Snapshots, Taken, TakenSnapshot, Wanted,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

pub(crate) struct Initializing {
    pub(crate) mode: Mode,
    pub(crate) stop: CancellationToken,
    pub(crate) end: oneshot::Sender<Result<(), String>>,
}

pub(crate) struct FakeInitializer(pub(crate) mpsc::UnboundedSender<Initializing>);

#[async_trait]
impl Initializer for FakeInitializer {
    async fn initialize(&self, mode: Mode, stop: CancellationToken) -> Result<(), String> {
        let (end, ended) = oneshot::channel();
        self.0.send(Initializing { mode, stop, end }).unwrap();
        ended
            .await
            .unwrap_or_else(|_| Err("the test has ended".to_owned()))
    }
}

pub(crate) struct Taking {
    pub(crate) wanted: Wanted,
    pub(crate) end: oneshot::Sender<Result<Option<TakenSnapshot>, String>>,
}

impl Taking {
    /// It is in the store.
    pub(crate) fn done(self, revision: i64) {
        let taken = snapshot(self.wanted, revision);
        self.end.send(Ok(Some(taken))).unwrap();
    }
}

pub(crate) struct FakeSnapshots {
    pub(crate) began: mpsc::UnboundedSender<Taking>,
    pub(crate) position: Mutex<Position>,
    pub(crate) latest: Mutex<Latest>,
}

#[async_trait]
impl Snapshots for FakeSnapshots {
    async fn position(&self) -> Result<Position, String> {
        Ok(self.position.lock().unwrap().clone())
    }

    async fn take(&self, wanted: Wanted) -> Result<Taken, String> {
        let holds = self.position.lock().unwrap().clone();
        let (end, ended) = oneshot::channel();
        self.began.send(Taking { wanted, end }).unwrap();
        let ended = ended
            .await
            .unwrap_or_else(|_| Err("the test has ended".to_owned()));
        ended.map(|snapshot| Taken { snapshot, holds })
    }

    async fn latest(&self) -> Result<Latest, String> {
        Ok(self.latest.lock().unwrap().clone())
    }
}

pub(crate) struct FakeCluster(pub(crate) Mutex<Result<ClusterFacts, String>>);

#[async_trait]
impl Cluster for FakeCluster {
    async fn facts(&self) -> Result<ClusterFacts, String> {
        self.0.lock().unwrap().clone()
    }
}

impl FakeCluster {
    pub(crate) fn bootstrapping() -> Self {
        Self(Mutex::new(Ok(ClusterFacts {
            state: ClusterState::New,
            members: None,
        })))
    }
}

pub(crate) fn snapshot(wanted: Wanted, revision: i64) -> TakenSnapshot {
    let (kind, name, start) = match wanted {
        Wanted::Full(_) => (Kind::Full, "Full-00000000", 0),
        Wanted::Delta => (Kind::Delta, "Incr-00000003", 3),
    };
    let is_final = wanted == Wanted::Full(Ending::Final);
    let end = if is_final { ".final" } else { "" };
    TakenSnapshot {
        created_on: Timestamp::from_second(1_795_338_849).unwrap(),
        immutability_expiry_time: None,
        version_id: None,
        kind,
        snap_dir: String::new(),
        snap_name: format!("{name}-{revision:08}-1795338849.gz{end}"),
        prefix: String::new(),
        compression_suffix: ".gz".to_owned(),
        start_revision: start,
        last_revision: revision,
        is_chunk: false,
        is_final,
    }
}
