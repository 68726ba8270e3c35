//! What is known about a snapshot beyond its name: a JSON object of its own, beside the snapshots.
//!
//! It stands at `meta/<snapshot name>.json`, relative to the prefix. The reference looks only at keys that have
//! `v1/` or `v2/` in them (etcd-backup-restore 0.44, `pkg/snapstore`): a second object at `v2/<name>.json` would be
//! taken for a snapshot, and one below `v2/<name>/` for a piece of an upload, which its collector deletes.
//!
//! A snapshot without metadata is a snapshot of which less is known. Metadata that cannot be read is an error that
//! names it: it may hold a mark by which its snapshot is to be kept.

mod document;
mod holding;
mod key;
mod objects;
mod parts;
mod secret;
#[cfg(test)]
mod tests;

pub use document::{FORMAT, MAX_BYTES, Metadata, MetadataError};
pub use key::{PLACE, metadata_key, snapshot_of};
pub use objects::{AllMetadata, ReadError, amend, read, read_all, write};
pub use parts::{
    Beside, Branching, Compact, Encryption, KeyBucket, Lineage, MAX_WITNESS_KEY, Missing, Parent,
    Previous, Proof, RaftLog, Witness,
};
pub(crate) use secret::open_all;
