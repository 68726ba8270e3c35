//! Backups in a container of Azure Blob Storage.
//!
//! An object is one block blob. What is longer than a part is staged as blocks, which Azure shows
//! to nobody before they are committed. The client is Microsoft's own
//! (docs/decisions/0009-azure-sdk.md); it knows no account keys, so we sign ([`signing`]).

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
mod checksum;
mod identity;
mod object;
mod signing;
mod transport;

pub use store::AbsStore;

use snapstore::{Provider, opened};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider {
    name: "ABS",
    open: |config| opened(async move { AbsStore::open(&config).await }),
};
