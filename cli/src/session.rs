//! What every command that reads a store needs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use engine::progress::Observer;
use engine::restore::Session;
use tokio::runtime::{Handle, Runtime};

use crate::args::StoreArgs;
use crate::error::{Error, Result};
use crate::{signals, stores};

/// A runtime for one command.
pub(crate) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("cannot start the runtime: {error}")))
}

/// Opens the store and listens for signals.
pub(crate) async fn open(store: &StoreArgs, observer: Arc<dyn Observer>) -> Result<Session> {
    let cancel = signals::cancelled_by_signals()
        .map_err(|error| Error::new(format!("cannot listen for signals: {error}")))?;
    let seed = RandomState::new().hash_one(0);
    Ok(Session {
        store: stores::open(&store.storage_provider, store.config(), seed).await?,
        observer,
        cancel,
        seed,
        runtime: Handle::current(),
    })
}
