//! The etcd that a command asks.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use client::{Client, Config, Retries, Scheme, Trust};
use snapstore::clock::SystemClock;
use snapstore::layers::Backoff;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};

/// How often a question is asked again in itself; what fails then is tried as a whole.
const ASKED_AGAIN: Backoff = Backoff {
    attempts: 2,
    first: Duration::from_millis(200),
    max: Duration::from_secs(1),
};

/// Makes a client. Nothing is asked yet.
pub(crate) async fn connect(cancel: &CancellationToken, config: Config) -> Result<Arc<Client>> {
    let clear = config
        .endpoints
        .iter()
        .find(|one| one.scheme() == Scheme::Clear);
    // --insecure-skip-tls-verify asks for nothing there, and etcd-druid gives it always.
    let is_secured = config.tls.identity.is_some() || matches!(config.tls.trust, Trust::File(_));
    if let Some(clear) = clear.filter(|_| is_secured) {
        tracing::warn!(
            "the flags of TLS are ignored for {clear}: write https:// if etcd speaks TLS"
        );
    }
    let retries = Retries {
        backoff: ASKED_AGAIN,
        clock: Arc::new(SystemClock),
        seed: RandomState::new().hash_one(0),
    };
    let connecting = Client::new(config, retries);
    let etcd = cancel.run_until_cancelled(connecting).await;
    let etcd = etcd.ok_or_else(|| Error::new("interrupted before etcd was asked"))?;
    etcd.map(Arc::new)
        .map_err(|error| Error::new(error.to_string()))
}
