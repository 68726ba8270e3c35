//! What the operator has said of the store: flags and the environment, but no credentials.

use snapstore::{Environment, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The container's name.
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    pub(crate) environment: Environment,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        let (bucket, keys) = (container(config)?, Keyspace::new(&config.prefix)?);
        // The catalogue says where the store is; an endpoint with a secret in it is refused all the same.
        config.endpoint()?;
        Ok(Self {
            bucket,
            keys,
            environment: config.environment.clone(),
        })
    }
}
