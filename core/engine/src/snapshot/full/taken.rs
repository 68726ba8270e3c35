use client::{Endpoint, Header};
use etcd::passing::{Holds, Unclear};
use snapstore::Key;

use crate::backups::SnapshotName;
use crate::backups::storing::Proof;
use crate::encryption::KeyId;

/// What is known when a full has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What the member that sends told after its first bytes had come: the full holds nothing above its revision.
    pub head: Header,
    /// The member.
    pub endpoint: Endpoint,
    /// Bytes of the database.
    pub size: u64,
}

/// A full that is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenFull {
    /// Its name.
    pub name: SnapshotName,
    /// Where it is.
    pub key: Key,
    /// Bytes of the object.
    pub stored_size: u64,
    /// SHA-256 of the object.
    pub stored_sha256: [u8; 32],
    /// Bytes of the content: the database, and the 32 of its hash after it.
    pub raw_size: u64,
    /// SHA-256 of the database, which is also the end of the content.
    pub database_sha256: [u8; 32],
    /// The version of what is stored, as etcd 3.6 and later tell it.
    pub storage_version: Option<String>,
    /// What was known when it began.
    pub opened: Opened,
    /// What the database holds, or why that is not known: it may be fine all the same.
    pub holds: Result<Holds, Unclear>,
    /// The key that it is encrypted with, if it is.
    pub encrypted_with: Option<KeyId>,
    /// What has shown that it is there.
    pub proof: Proof,
}

impl TakenFull {
    /// The revision that a restore of it alone leads to, where its pages tell; else that of its name, which it holds
    /// at least.
    pub fn reaches(&self) -> i64 {
        let holds = self.holds.as_ref().map(|holds| holds.revision);
        holds.unwrap_or(self.name.last)
    }
}
