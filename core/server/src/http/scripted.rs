//! A fake of everything around the router, for the tests of this crate.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use snapstore::clock::SystemClock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::app::App;
use crate::initialization::Initialization;
use crate::metrics::Metrics;
use crate::ports::{
    Backups, Cluster, ClusterFacts, ClusterState, EtcdHealth, Initializer, Latest, Mode, Ports,
    Position, Role, Snapshots, Taken, Wanted,
};
use crate::settings::{Callers, Delegation, Limits, Listen, Settings, TriggerAccess};
use crate::trigger::Triggers;

/// A fake of all ports: whatever is asked for is done at once, and counted.
#[derive(Default)]
pub(super) struct Done {
    pub(super) initialized: AtomicUsize,
    pub(super) taken: AtomicUsize,
}

#[async_trait]
impl Initializer for Done {
    async fn initialize(&self, _: Mode, _: CancellationToken) -> Result<(), String> {
        self.initialized.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[async_trait]
impl Snapshots for Done {
    async fn position(&self) -> Result<Position, String> {
        Err("it is not known".to_owned())
    }

    async fn take(&self, _: Wanted) -> Result<Taken, String> {
        self.taken.fetch_add(1, Ordering::Relaxed);
        let (revision, beside) = (7, String::new());
        Ok(Taken {
            snapshot: None,
            holds: Position { revision, beside },
        })
    }

    async fn latest(&self) -> Result<Latest, String> {
        Ok(Latest::default())
    }
}

#[async_trait]
impl Cluster for Done {
    async fn facts(&self) -> Result<ClusterFacts, String> {
        Ok(ClusterFacts {
            state: ClusterState::New,
            members: None,
        })
    }
}

/// A leader. `etcd_config`: where etcd's configuration is.
pub(super) fn app(done: &Arc<Done>, etcd_config: &Path) -> Arc<App> {
    let now = Arc::new(|| Timestamp::UNIX_EPOCH);
    let ports = Ports {
        initializer: done.clone(),
        snapshots: Some(done.clone()),
        cluster: done.clone(),
        role: watch::channel(Role::Leader).1,
        etcd: watch::channel(EtcdHealth::Answers).1,
        backups: watch::channel(Backups::default()).1,
        page: None,
        clock: Arc::new(SystemClock),
        now: now.clone(),
    };
    let settings = Settings {
        listen: Listen::At(SocketAddr::from(([127, 0, 0, 1], 0))),
        tls: None,
        initialization_from: Callers::Loopback,
        triggers: TriggerAccess::Open,
        delegation: Delegation {
            identity: None,
            ca: None,
            port: None,
            deadline: Duration::from_secs(1),
        },
        etcd_config: etcd_config.to_owned(),
        pod_name: Some("etcd-main-0".to_owned()),
        limits: Limits::default(),
        stop_within: Duration::from_secs(1),
        version: "1.2.3".to_owned(),
    };
    let young = settings.limits.young;
    Arc::new(App {
        initialization: Initialization::new(&ports),
        triggers: Some(Triggers::new(done.clone(), Arc::new(SystemClock), young)),
        metrics: Arc::new(Metrics::new(now).unwrap()),
        port: 8080,
        stopping: CancellationToken::new(),
        settings,
        ports,
    })
}
