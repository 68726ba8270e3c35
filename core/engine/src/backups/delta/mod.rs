//! The files that hold events: a JSON array and after it the 32 bytes of its SHA-256
//! (etcd-backup-restore 0.44, `pkg/snapshot/snapshotter`).
//!
//! ```text
//! [{"etcdEvent":{"type":1,"kv":{"key":"Zm9v","mod_revision":7}},"time":"2026-11-22T09:13:06.04Z"},...]<sha256>
//! ```
//!
//! `type` is absent for a put, 1 for a delete; keys and values are base64; fields that are zero or
//! empty are absent. Events stand in the order of their revisions, those of one transaction side
//! by side, so an event's sub-revision is its place within its revision. `leaseTTL`, seconds,
//! beside `time` is ours: the granted time of the put's lease, which readers before us skip.

mod batch;
mod error;
mod event;
mod fast;
mod hashed;
mod options;
mod reader;
mod writer;

pub use batch::{Batch, DecodedEvent};
pub use error::DeltaError;
pub use event::{EventFields, EventKind};
pub(crate) use hashed::Hashed;
pub use options::{HashCheck, LeasePolicy, ReadOptions, Times};
pub use reader::DeltaReader;
pub use writer::{DeltaContent, DeltaWriter, NewEvent, NewValue};
