//! Backups as a store holds them: what their names say, how they are compressed, which belong
//! together.

mod catalogue;
mod chain;
mod compression;
mod name;

pub use catalogue::{Catalogue, Ignored, Snapshot};
pub use chain::{Chain, Gap, chains};
pub use compression::{Compression, Decoder};
pub use name::{Kind, NameError, SnapshotName};

#[cfg(test)]
pub(crate) use chain::tests as chain_tests;
