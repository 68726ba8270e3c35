//! What a store of backups holds: names, chains, what they lead to, and the bytes of it.

pub(crate) mod bounded;
pub mod branches;
pub(crate) mod budget;
pub(crate) mod catalogue;
pub(crate) mod chain;
pub(crate) mod compression;
pub(crate) mod content;
pub(crate) mod database_file;
mod decrypted;
pub mod delta;
pub(crate) mod download;
pub(crate) mod empty_store;
pub mod encoder;
pub(crate) mod encoding;
pub(crate) mod encrypted_with;
mod error;
pub(crate) mod fetch;
mod file_content;
pub(crate) mod file_format;
pub(crate) mod full;
pub(crate) mod given_once;
mod gzip_blocks;
pub(crate) mod listing;
pub mod metadata;
mod missing_keys;
pub(crate) mod name;
mod noted;
pub(crate) mod plan;
#[cfg(test)]
mod plan_tests;
pub(crate) mod previous;
pub(crate) mod read_full;
pub(crate) mod reading;
pub(crate) mod space;
pub mod storing;
mod unreachable;
mod zip_archive;
mod zip_directory;
mod zip_header;
mod zstd;

pub use catalogue::{Catalogue, Ignored, Snapshot};
pub use chain::{Chain, Gap, chains};
pub use compression::{Compression, Decoder};
pub use database_file::DatabaseFile;
pub use empty_store::{EmptyStore, Sample};
pub use encoding::Encoding;
pub use error::{Error, Result};
pub use file_content::FileContent;
pub use listing::{read_catalogue, read_holdings};
pub use missing_keys::{missing_among, missing_keys};
pub use name::{Kind, NameError, SnapshotName};
pub use noted::Noted;
pub use plan::{Plan, PlanError, Stop, Target, plan};
pub use reading::Reading;

#[cfg(test)]
pub(crate) use chain::tests as chain_tests;
