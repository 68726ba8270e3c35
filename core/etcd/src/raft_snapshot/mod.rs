//! Raft snapshots: `member/snap/%016x-%016x.snap`.
//!
//! The file holds the membership as etcd's v2 store; 3.4 and 3.5 read it at boot, 3.6 only
//! checks it, 3.7 ignores it (server/etcdserver/api/snap/snapshotter.go, 3.5).

mod choice;
mod name;
mod v2_store;

use prost::{DecodeError, Message};

use crate::raftpb::Snapshot;

pub use choice::{Choice, choose};
pub use name::SnapshotName;
pub(crate) use v2_store::bootstrap_json;

/// The file: a snapshot in an envelope with its checksum
/// (server/etcdserver/api/snap/snappb/snap.proto).
#[derive(Clone, PartialEq, Message)]
struct Envelope {
    #[prost(uint32, required, tag = "1")]
    crc: u32,
    #[prost(bytes = "vec", optional, tag = "2")]
    data: Option<Vec<u8>>,
}

/// Why a `.snap` file cannot be taken for what etcd wrote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file holds no snapshot.
    #[error("the raft snapshot is empty")]
    Empty,
    /// The file is no envelope.
    #[error("not a raft snapshot: {0}")]
    Envelope(DecodeError),
    /// The snapshot in the envelope is not what was written.
    #[error(
        "raft snapshot of {len} bytes: checksum {stored:#010x} does not match {computed:#010x}"
    )]
    Checksum {
        /// Length of the data in the envelope.
        len: usize,
        /// In the envelope.
        stored: u32,
        /// Of the data.
        computed: u32,
    },
    /// The envelope holds no snapshot message.
    #[error("raft snapshot with malformed content: {0}")]
    Content(DecodeError),
}

/// The bytes of a `.snap` file.
pub fn encode(snapshot: &Snapshot) -> Vec<u8> {
    let data = snapshot.encode_to_vec();
    Envelope {
        crc: crc32c::crc32c(&data),
        data: Some(data),
    }
    .encode_to_vec()
}

/// Reads the bytes of a `.snap` file.
pub fn decode(file: &[u8]) -> Result<Snapshot, Damage> {
    let Envelope { crc: stored, data } = Envelope::decode(file).map_err(Damage::Envelope)?;
    let data = data.unwrap_or_default();
    if data.is_empty() || stored == 0 {
        return Err(Damage::Empty);
    }
    let computed = crc32c::crc32c(&data);
    if stored != computed {
        return Err(Damage::Checksum {
            len: data.len(),
            stored,
            computed,
        });
    }
    Snapshot::decode(data.as_slice()).map_err(Damage::Content)
}
