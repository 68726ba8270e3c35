//! Backups in a directory of this machine.
//!
//! An object is a file. It is written under a temporary name, flushed to the disk, and only then
//! given its own name, so no listing and no loss of power ever shows half of it.

mod config;
mod error;
mod layout;
mod publish;
mod store;
mod upload;
mod walk;

pub use store::LocalStore;

use std::sync::Arc;

use snapstore::{OpenFuture, Provider, Snapstore, StoreConfig};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider {
    name: "Local",
    open,
};

fn open(config: StoreConfig) -> OpenFuture {
    Box::pin(async move {
        if config.endpoint()?.is_some() {
            // Not an error: a chart may set it for every provider, as the reference lets it.
            tracing::warn!("the provider Local is a directory: the endpoint override is not used");
        }
        let store: Arc<dyn Snapstore> = Arc::new(LocalStore::new(config::root(&config)?));
        Ok(store)
    })
}
