//! What every command that reads a store needs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use engine::progress::Observer;
use engine::session::Session;
use snapstore::clock::SystemClock;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::args::StoreArgs;
use crate::error::{Error, Result};
use crate::keyring::keyring;
use crate::{opened, runtime, signals};

/// Does the work of one command.
pub(crate) fn run<T>(store: &StoreArgs, work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = runtime::start()?;
    let done = runtime.block_on(async {
        if let Some(allowed) = store.timeout {
            signals::cancelled_after(allowed, Arc::new(SystemClock));
        }
        work.await
    });
    runtime::leave(runtime);
    match (signals::timed_out(), done) {
        (Some(allowed), Err(error)) => Err(Error::new(format!(
            "not done within {allowed:?} (--timeout): {error}"
        ))),
        (Some(_), Ok(done)) => {
            tracing::warn!("it was done all the same");
            Ok(done)
        }
        (None, done) => done,
    }
}

/// What a signal cancels.
pub(crate) fn cancel() -> Result<CancellationToken> {
    signals::cancelled_by_signals()
        .map_err(|error| Error::new(format!("cannot listen for signals: {error}")))
}

/// Opens the store and listens for signals.
pub(crate) async fn open(store: &StoreArgs, observer: Arc<dyn Observer>) -> Result<Session> {
    let keys = Arc::new(keyring(store)?);
    let cancel = cancel()?;
    let clock = Arc::new(SystemClock);
    let seed = RandomState::new().hash_one(0);
    let store = tokio::select! {
        () = cancel.cancelled() => return Err(Error::new("interrupted before the store was opened")),
        opened = opened::open(store, seed) => opened?,
    };
    Ok(Session {
        store,
        observer,
        cancel,
        seed,
        clock,
        runtime: Handle::current(),
        keys,
    })
}

/// The same, of a store that need not be named.
pub(crate) async fn open_named(
    store: &StoreArgs,
    observer: Arc<dyn Observer>,
) -> Result<Option<Session>> {
    match is_named(store)? {
        true => open(store, observer).await.map(Some),
        false => Ok(None),
    }
}

/// Another store beside that of `session`, if one is named.
pub(crate) async fn named_beside(session: &Session, store: &StoreArgs) -> Result<Option<Session>> {
    match is_named(store)? {
        true => beside(session, store).await.map(Some),
        false => Ok(None),
    }
}

/// Another store beside that of `session`: one observer, and one thing that stops both.
pub(crate) async fn beside(session: &Session, store: &StoreArgs) -> Result<Session> {
    let opened = tokio::select! {
        () = session.cancel.cancelled() => return Err(Error::new("interrupted before the store was opened")),
        opened = opened::open(store, session.seed) => opened?,
    };
    Ok(Session {
        store: opened,
        keys: Arc::new(keyring(store)?),
        ..session.clone()
    })
}

fn is_named(store: &StoreArgs) -> Result<bool> {
    match (store.is_named(), store.says_where()) {
        (true, _) => Ok(true),
        (false, None) => Ok(false),
        (false, Some(flag)) => Err(Error::new(format!(
            "{flag} is given, but neither --storage-provider nor --store-container: name the store"
        ))),
    }
}
