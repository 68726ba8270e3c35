use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// How much of a data directory is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it: asked for when etcd did not end as it should.
    Full,
    /// What can be told without reading it all: asked for after an orderly end.
    Sanity,
}

/// Makes the data directory one that etcd can start on.
#[async_trait]
pub trait Initializer: Send + Sync + 'static {
    /// Validates the data directory, and restores it where that is needed.
    ///
    /// `Ok` means that etcd may start on it now. It is called only when no other call is under way. Where an etcd
    /// or a snapshotter of this process works on the directory, the implementation stops it first or fails.
    /// After `stop` is cancelled it ends soon, with the directory in a state that the next call can begin on.
    ///
    /// Errors: one sentence for people, without secrets.
    async fn initialize(&self, mode: Mode, stop: CancellationToken) -> Result<(), String>;
}
