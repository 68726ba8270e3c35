use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use page::members::ClusterMember;
use tokio::sync::watch;

/// What the status page shows beside what the server knows already.
#[derive(Clone)]
pub struct StatusPage {
    /// The store of the backups; `None` where none is configured.
    pub store: Option<Arc<dyn StoreLook>>,
    /// The etcd beside this sidecar, while it answers.
    pub member: watch::Receiver<Option<page::Member>>,
    /// The members of its cluster; `None` where that is not known. It answers at once, and lets whoever asks them know that somebody looks.
    pub members: Arc<dyn Fn() -> Option<Vec<ClusterMember>> + Send + Sync>,
    /// What the sidecar does now. It answers at once.
    pub work: Arc<dyn Fn() -> Vec<page::Work> + Send + Sync>,
    /// How often a delta is stored while something is written; `None` where none is.
    pub delta_period: Option<Duration>,
}

impl fmt::Debug for StatusPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusPage").finish_non_exhaustive()
    }
}

/// A store, as it was listed last.
pub trait StoreLook: Send + Sync + 'static {
    /// What is known of it. It answers at once, and lets whoever lists the store know that somebody looks.
    fn look(&self) -> page::Store;
}
