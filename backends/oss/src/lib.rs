//! Backups in Alibaba Cloud's Object Storage Service.
//!
//! An object is one OSS object. What is longer than a part is a multipart upload, which OSS itself
//! shows to nobody before it is complete.

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
mod asked;
mod retention;
mod versioning;
mod xml;

pub use store::OssStore;

use snapstore::{Provider, opened};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider {
    name: "OSS",
    open: |config| opened(async move { OssStore::open(&config).await }),
};
