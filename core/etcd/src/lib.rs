//! etcd's own bytes: what it keeps in its database, in its write-ahead log and in its raft
//! snapshots. Reads and writes them without running etcd.
//!
//! Everything here is synchronous and pure: functions over slices, `Read` and
//! [`bolt::ReadAt`]. No clock, no randomness, no file is opened. `FORMAT.md` beside this
//! crate draws every byte and names the source of each fact.

pub mod authpb;
pub mod compaction;
pub mod data_dir;
mod error;
mod file_name;
pub mod fold;
pub mod fresh_start;
mod go_json;
pub mod hash_kv;
mod key_set;
pub mod lease;
pub mod membership;
pub mod mvcc;
pub mod passing;
pub mod raft_snapshot;
pub mod raftpb;
pub mod record;
pub mod replay;
pub mod revision;
pub mod schema;
pub mod store_state;
pub mod v2_keys;
pub mod wal;
mod wire;

pub use error::{Error, Malformed};
pub use key_set::KeySet;
