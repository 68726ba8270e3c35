//! What the operator has said of the store: flags and the environment, but no credentials.

use snapstore::{Environment, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    pub(crate) environment: Environment,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        Ok(Self {
            bucket: container(config)?,
            keys: Keyspace::new(&config.prefix)?,
            environment: config.environment.clone(),
        })
    }
}
