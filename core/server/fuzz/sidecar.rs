//! A sidecar that runs, on FAKES of what is around it that say yes to everything at once.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use server::{
    Backups, Callers, Cluster, ClusterFacts, ClusterState, Delegation, EtcdHealth, Initializer,
    Latest, Limits, Listen, Metrics, Mode, Ports, Position, Role, Server, Settings, Snapshots,
    Taken, TriggerAccess, Wanted,
};
use snapstore::clock::SystemClock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::bodies::POD;

struct Fake;

#[async_trait]
impl Initializer for Fake {
    async fn initialize(&self, _mode: Mode, _stop: CancellationToken) -> Result<(), String> {
        Ok(())
    }
}

#[async_trait]
impl Snapshots for Fake {
    async fn position(&self) -> Result<Position, String> {
        Ok(Position {
            revision: 7,
            beside: String::new(),
        })
    }

    async fn take(&self, _wanted: Wanted) -> Result<Taken, String> {
        let holds = self.position().await?;
        Ok(Taken {
            snapshot: None,
            holds,
        })
    }

    async fn latest(&self) -> Result<Latest, String> {
        Ok(Latest::default())
    }
}

#[async_trait]
impl Cluster for Fake {
    async fn facts(&self) -> Result<ClusterFacts, String> {
        Ok(ClusterFacts {
            state: ClusterState::New,
            members: None,
        })
    }
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// Starts one that leads, with the configuration of etcd in this file, and runs as long as the runtime does.
pub(crate) async fn started(etcd_config: &Path) -> SocketAddr {
    let role = watch::Sender::new(Role::Leader);
    let etcd = watch::Sender::new(EtcdHealth::Answers);
    let backups = watch::Sender::new(Backups::default());
    let ports = Ports {
        initializer: Arc::new(Fake),
        snapshots: Some(Arc::new(Fake)),
        cluster: Arc::new(Fake),
        role: role.subscribe(),
        etcd: etcd.subscribe(),
        backups: backups.subscribe(),
        page: None,
        clock: Arc::new(SystemClock),
        now: Arc::new(now),
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
            deadline: Duration::from_secs(60),
        },
        etcd_config: etcd_config.to_owned(),
        pod_name: Some(POD.to_owned()),
        limits: Limits::default(),
        stop_within: Duration::from_secs(20),
        version: "1.2.3".to_owned(),
    };
    let metrics = Arc::new(Metrics::new(Arc::new(now)).expect("its metrics"));
    let server = Server::bind(settings, ports, metrics);
    let server = server.await.expect("it listens");
    let address = server.address();
    tokio::spawn(async move {
        let _held = (role, etcd, backups);
        server.run(CancellationToken::new()).await
    });
    address
}
