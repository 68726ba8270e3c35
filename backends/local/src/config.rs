//! What the operator has said of the store.

use std::path::PathBuf;

use snapstore::{Result, StoreConfig};

use crate::root::root;

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The directory that the keys are put under.
    pub(crate) root: PathBuf,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        if config.endpoint()?.is_some() {
            // Not an error: a chart may set it for every provider, as the reference lets it.
            tracing::warn!("the provider Local is a directory: the endpoint override is not used");
        }
        let root = root(config)?;
        Ok(Self { root })
    }
}
