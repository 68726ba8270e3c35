//! What the server asks of those who start it, and what they tell it.
//!
//! Nothing here knows how an etcd is asked, where backups are or how flags are called: whoever starts the
//! server implements the traits and holds the senders of the channels.

mod backups;
mod believed;
mod cluster;
mod initializer;
mod leadership;
mod snapshots;
mod status_page;

use std::sync::Arc;

use jiff::Timestamp;
use snapstore::clock::Clock;
use tokio::sync::watch;

pub(crate) use backups::age;
pub use backups::{Backups, Failing, Loss, Newest, Proof, Restorable};
pub use cluster::{Cluster, ClusterFacts, ClusterState};
pub use initializer::{Initializer, Mode};
pub use leadership::{EtcdHealth, Role};
pub use snapshots::{Ending, Kind, Latest, Position, Snapshots, Taken, TakenSnapshot, Wanted};
pub use status_page::{StatusPage, StoreLook};

/// Says what time it is.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything that the server needs of others.
#[derive(Clone)]
pub struct Ports {
    /// Makes the data directory one that etcd can start on.
    pub initializer: Arc<dyn Initializer>,
    /// Takes snapshots; `None` where no store is configured, and then triggers are refused.
    pub snapshots: Option<Arc<dyn Snapshots>>,
    /// Who belongs to the cluster, for `/config`.
    pub cluster: Arc<dyn Cluster>,
    /// Whether this sidecar takes the backups, or which etcd leads.
    pub role: watch::Receiver<Role>,
    /// Whether the etcd beside this sidecar answers.
    pub etcd: watch::Receiver<EtcdHealth>,
    /// What is known of the backups.
    pub backups: watch::Receiver<Backups>,
    /// What the status page shows besides; `None` where there is none.
    pub page: Option<StatusPage>,
    /// By which is waited.
    pub clock: Arc<dyn Clock>,
    /// What time it is.
    pub now: WallClock,
}
