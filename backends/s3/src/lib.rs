//! Backups in S3, and in what speaks its language: MinIO, Ceph, Dell ECS, OpenShift's store.
//!
//! An object is one S3 object. What is longer than a part is a multipart upload, which S3 itself
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
mod answer;
mod connector;
mod customer_key;
mod identity;
mod leading_slash;
mod profile;
mod region;
mod retry_denied_put;

pub use store::S3Store;

use snapstore::{OpenFuture, Provider, StoreConfig, opened};

use config::Dialect;

/// AWS, MinIO and most others.
pub const PROVIDER: Provider = Provider {
    name: "S3",
    open: |config| open(config, Dialect::S3),
};

/// Dell ECS: credentials in `ECS_*` variables.
pub const ECS: Provider = Provider {
    name: "ECS",
    open: |config| open(config, Dialect::Ecs),
};

/// OpenShift Container Storage: credentials in `OPENSHIFT_APPLICATION_CREDENTIALS`.
pub const OCS: Provider = Provider {
    name: "OCS",
    open: |config| open(config, Dialect::Ocs),
};

fn open(config: StoreConfig, dialect: Dialect) -> OpenFuture {
    opened(async move { leading_slash::open(&config, dialect).await })
}
