//! Backups in Alibaba Cloud's Object Storage Service.
//!
//! An object is one OSS object. What is longer than a part is a multipart upload, which OSS itself
//! shows to nobody before it is complete.

mod asked;
mod client;
mod config;
mod credentials;
mod error;
mod list;
mod read;
mod retention;
mod store;
mod sweep;
mod upload;
mod versioning;
mod xml;

pub use store::OssStore;

use std::sync::Arc;

use snapstore::{OpenFuture, Provider, Snapstore, StoreConfig};

/// The name and the door for the registry of providers.
pub const PROVIDER: Provider = Provider { name: "OSS", open };

fn open(config: StoreConfig) -> OpenFuture {
    Box::pin(async move {
        let store: Arc<dyn Snapstore> = Arc::new(OssStore::open(&config).await?);
        Ok(store)
    })
}
