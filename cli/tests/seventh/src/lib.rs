//! Backups in a depot, a service that exists in this process alone. The crate shows what a provider
//! is made of; what would be the vendor's SDK is [`sdk`].

// The rooms that every backend has.
mod bucket;
mod client;
mod config;
mod credentials;
mod error;
mod list;
mod read;
mod store;
mod sweep;
mod upload;

// What only this one has.
mod sdk;

use snapstore::{Provider, opened};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider {
    name: "Depot",
    open: |config| opened(async move { store::DepotStore::open(&config).await }),
};
