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
    /// The store does not hold the revision asked for.
    #[error("revision {revision} is not in the store, which holds {} to {current}", oldest(*compacted))]
    NoSuchRevision {
        /// Asked for.
        revision: i64,
        /// The store's compact revision.
        compacted: Option<i64>,
        /// The store's current revision.
        current: i64,
    },
    /// The database file could not be read.
    #[error(transparent)]
    Bolt(#[from] bolt::Error),
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

    /// Says under which key of which bucket the bytes lie. A key that is not printable shows
    /// in hex.
    pub fn in_bucket(self, bucket: &[u8], key: &[u8]) -> Error {
        let bucket = bucket.escape_ascii();
        if key.iter().all(u8::is_ascii_graphic) {
            self.in_place(format!("bucket {bucket}, key {}", key.escape_ascii()))
        } else {
            let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            self.in_place(format!("bucket {bucket}, key 0x{hex}"))
        }
    }
}

fn oldest(compacted: Option<i64>) -> i64 {
    compacted.unwrap_or(1)
}
