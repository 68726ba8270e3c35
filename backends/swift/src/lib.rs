//! Backups in OpenStack Swift.
//!
//! An object is one Swift object. What arrives in parts is a dynamic large object, laid out as the
//! reference does it: parts are objects `NAME/0000000001` of the same container, and `NAME` itself
//! is a manifest without content that names their prefix. Parts are never listed.

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
mod keystone;
mod layout;
mod login;
mod object;
mod parts;
mod pending_deletions;
mod remove;

pub use store::SwiftStore;

use snapstore::{Provider, opened};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider {
    name: "Swift",
    open: |config| opened(async move { SwiftStore::open(&config).await }),
};
