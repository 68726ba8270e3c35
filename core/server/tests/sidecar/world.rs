//! A sidecar that runs, and its surroundings.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use server::{
    Backups, Callers, Delegation, Ended, EtcdHealth, Latest, Limits, Listen, Metrics, Ports,
    Position, Role, Server, Settings, StatusPage, TriggerAccess,
};
use snapstore::clock::SystemClock;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::fakes::{FakeCluster, FakeInitializer, FakeSnapshots, Initializing, Taking};

/// As etcd-druid writes it for three members, of which one is `localhost`.
const ETCD_CONFIG: &str = "name: etcd-config
data-dir: /var/etcd/data/new.etcd
quota-backend-bytes: 8589934592
initial-cluster-token: etcd-cluster
initial-cluster-state: new
initial-cluster: etcd-main-0=http://etcd-main-0.svc:2380,etcd-main-1=http://localhost:2380,etcd-main-2=http://etcd-main-2.svc:2380
initial-advertise-peer-urls:
  etcd-main-0:
  - http://etcd-main-0.svc:2380
  etcd-main-1:
  - http://localhost:2380
  etcd-main-2:
  - http://etcd-main-2.svc:2380
advertise-client-urls:
  etcd-main-0:
  - http://etcd-main-0.svc:2379
  etcd-main-1:
  - http://localhost:2379
  etcd-main-2:
  - http://etcd-main-2.svc:2379
";

/// What a test changes before the sidecar starts.
pub(crate) struct Plan {
    pub(crate) settings: Settings,
    pub(crate) role: Role,
    pub(crate) has_store: bool,
    pub(crate) page: Option<StatusPage>,
    pub(crate) room: TempDir,
}

/// One that runs.
pub(crate) struct Sidecar {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) running: JoinHandle<Ended>,
    pub(crate) role: watch::Sender<Role>,
    pub(crate) etcd: watch::Sender<EtcdHealth>,
    pub(crate) backups: watch::Sender<Backups>,
    pub(crate) initializing: mpsc::UnboundedReceiver<Initializing>,
    pub(crate) taking: mpsc::UnboundedReceiver<Taking>,
    pub(crate) snapshots: Arc<FakeSnapshots>,
    pub(crate) cluster: Arc<FakeCluster>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) room: TempDir,
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_338_900).unwrap()
}

impl Plan {
    /// A leader with a store, over plain HTTP.
    pub(crate) fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let etcd_config = room.path().join("etcd.conf.yaml");
        std::fs::write(&etcd_config, ETCD_CONFIG).unwrap();
        Self {
            settings: settings(etcd_config),
            role: Role::Leader,
            has_store: true,
            page: None,
            room,
        }
    }

    pub(crate) async fn start(self) -> Sidecar {
        let (began, initializing) = mpsc::unbounded_channel();
        let (taken, taking) = mpsc::unbounded_channel();
        let snapshots = Arc::new(FakeSnapshots {
            began: taken,
            position: Mutex::new(Position {
                revision: 7,
                beside: "users".to_owned(),
            }),
            latest: Mutex::new(Latest::default()),
        });
        let cluster = Arc::new(FakeCluster::bootstrapping());
        let (role, etcd) = (
            watch::Sender::new(self.role),
            watch::Sender::new(EtcdHealth::Answers),
        );
        let backups = watch::Sender::new(Backups::default());
        let ports = Ports {
            initializer: Arc::new(FakeInitializer(began)),
            snapshots: self.has_store.then(|| snapshots.clone() as _),
            cluster: cluster.clone(),
            role: role.subscribe(),
            etcd: etcd.subscribe(),
            backups: backups.subscribe(),
            page: self.page,
            clock: Arc::new(SystemClock),
            now: Arc::new(now),
        };
        let metrics = Arc::new(Metrics::new(Arc::new(now)).unwrap());
        let server = Server::bind(self.settings, ports, metrics.clone())
            .await
            .unwrap();
        let address = server.address();
        let stop = CancellationToken::new();
        let running = tokio::spawn(server.run(stop.clone()));
        Sidecar {
            address,
            stop,
            running,
            role,
            etcd,
            backups,
            initializing,
            taking,
            snapshots,
            cluster,
            metrics,
            room: self.room,
        }
    }
}

fn settings(etcd_config: PathBuf) -> Settings {
    Settings {
        listen: Listen::At(SocketAddr::from(([127, 0, 0, 1], 0))),
        tls: None,
        initialization_from: Callers::Loopback,
        triggers: TriggerAccess::Open,
        delegation: Delegation {
            ca: None,
            identity: None,
            port: None,
            deadline: Duration::from_secs(60),
        },
        etcd_config,
        pod_name: Some("etcd-main-1".to_owned()),
        limits: Limits::default(),
        stop_within: Duration::from_secs(20),
        version: "1.2.3".to_owned(),
    }
}

/// Longer than anything here takes, so that a test that waits for what does not come ends.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// Of a sidecar that does not start.
pub(crate) fn ports() -> Ports {
    Ports {
        initializer: Arc::new(FakeInitializer(mpsc::unbounded_channel().0)),
        snapshots: None,
        cluster: Arc::new(FakeCluster::bootstrapping()),
        role: watch::Sender::new(Role::Unknown).subscribe(),
        etcd: watch::Sender::new(EtcdHealth::Unknown).subscribe(),
        backups: watch::Sender::new(Backups::default()).subscribe(),
        page: None,
        clock: Arc::new(SystemClock),
        now: Arc::new(now),
    }
}

impl Sidecar {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request that waits for a leader listens to the role, beside the server itself.
    pub(crate) async fn until_a_leader_is_waited_for(&self) {
        let waited = async {
            while self.role.receiver_count() < 2 {
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(LONG, waited).await.is_ok(), "none is");
    }

    /// The initialization that begins next.
    pub(crate) async fn initializing(&mut self) -> Initializing {
        let next = timeout(LONG, self.initializing.recv()).await;
        next.expect("none begins").unwrap()
    }

    /// The snapshot that begins next.
    pub(crate) async fn taking(&mut self) -> Taking {
        let next = timeout(LONG, self.taking.recv()).await;
        next.expect("none begins").unwrap()
    }

    /// Stops it, and says how it ended.
    pub(crate) async fn end(self) -> Ended {
        self.stop.cancel();
        let ended = timeout(LONG, self.running).await;
        ended.expect("it never ends").unwrap()
    }
}
