//! Backups in a directory of this machine.
//!
//! An object is a file. It is written under a temporary name, flushed to the disk, and only then
//! given its own name, so no listing and no loss of power ever shows half of it.

// The rooms that every backend has, but for those of a server: `credentials` and `client`.
mod bucket;
mod config;
mod copy;
mod error;
mod list;
mod read;
mod store;
mod sweep;
mod upload;

// What only this one has.
mod files;
mod layout;
mod publish;
mod root;

pub use store::LocalStore;

use snapstore::{Provider, opened};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider {
    name: "Local",
    open: |config| opened(async move { LocalStore::open(&config) }),
};
