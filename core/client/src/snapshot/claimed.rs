use sha2::{Digest, Sha256};

use super::fault::SnapshotFault;

/// What etcd says is the SHA-256 of the database that it sent. It is to be had only by holding what came to it: hashing
/// a large database twice costs as much as compressing a part of it, so the one pass is made where the bytes are used last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "what came is not known to be whole until it is held to its hash"]
pub struct ClaimedHash([u8; 32]);

impl ClaimedHash {
    /// For a [`SnapshotStream`](super::SnapshotStream), at its end.
    pub fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The hash, if `database` has taken in all that came, in order. etcdctl and etcd-backup-restore store it after
    /// the database.
    ///
    /// Errors: [`SnapshotFault::WrongHash`].
    pub fn of(self, database: &Sha256) -> Result<[u8; 32], SnapshotFault> {
        match database.clone().finalize()[..] == self.0 {
            true => Ok(self.0),
            false => Err(SnapshotFault::WrongHash),
        }
    }
}
