use std::sync::Arc;

use client::Etcd;
use tokio_util::sync::CancellationToken;

use super::asked::Asked;
use crate::backups::DatabaseFile;
use crate::session::Session;

/// Where a state is read. The session of each has the store that it is about.
#[derive(Clone)]
pub enum Side {
    /// Out of the store.
    Store(Session, Asked),
    /// Out of one database in a file, in whose directory the store is.
    File(Session, DatabaseFile, Asked),
    /// From an etcd that runs, as it is now; until it is cancelled.
    Live(Arc<dyn Etcd>, CancellationToken),
}
