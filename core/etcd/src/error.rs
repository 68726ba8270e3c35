//! Rules: a variant follows what the caller does about it. `Malformed` and `Wal` mean the
//! bytes are wrong (use another backup), `Mistake` that the operator described an impossible
//! cluster (correct the flags), `Bolt` and `Read` that the bytes could not be had.

use std::io;

use crate::{membership, raft_snapshot, wal};

/// Bytes that are not what etcd writes.
///
/// Small and `Copy`, because the hot decoders return it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why} at byte {offset}")]
pub struct Malformed {
    /// What was being decoded, such as "revision key".
    pub what: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
    /// Position of the first wrong byte, counted from the start of the decoded slice.
    pub offset: usize,
}

/// Why etcd's bytes could not be read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes inside a larger whole are wrong.
    #[error("{place}: {malformed}")]
    Malformed {
        /// Where: bucket and key, or file and offset.
        place: String,
        /// What is wrong there.
        malformed: Malformed,
    },
    /// The operator described a cluster that cannot be.
    #[error(transparent)]
    Mistake(#[from] membership::Mistake),
    /// A write-ahead log is wrong.
    #[error(transparent)]
    Wal(#[from] wal::Damage),
    /// A raft snapshot is wrong.
    #[error(transparent)]
    RaftSnapshot(#[from] raft_snapshot::Damage),
    /// The source of the bytes failed.
    #[error("cannot read {what}: {source}")]
    Read {
        /// What was being read.
        what: String,
        /// The failure below.
        source: io::Error,
    },
}

impl Malformed {
    /// Says where in a larger whole the bytes lie.
    pub fn in_place(self, place: impl Into<String>) -> Error {
        Error::Malformed {
            place: place.into(),
            malformed: self,
        }
    }
}
