//! Backups in a bucket of Google Cloud Storage.
//!
//! Bodies go through Google's own client, which checks them end to end (CRC32C). Everything else
//! is one request of the JSON API each, since that client speaks it over gRPC only, which neither
//! emulators nor private endpoints serve. An upload in parts is a composition of temporary objects
//! (docs/decisions/0008-gcs-parallel-uploads.md).

// The rooms that every backend has.
mod bucket;
mod client;
mod config;
mod copy;
mod credentials;
mod error;
mod list;
mod read;
mod store;
mod sweep;
mod upload;

// What only this one has.
mod compose;
mod object;
mod pages;
mod staging;
mod versions;
mod write;

pub use store::GcsStore;

use snapstore::{Provider, opened};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider {
    name: "GCS",
    open: |config| opened(async move { GcsStore::open(&config).await }),
};
