use std::path::PathBuf;

use jiff::Timestamp;
use snapstore::Sending;

use crate::backups::delta::HashCheck;
use crate::backups::encoder::Level;
use crate::backups::storing::Arrival;
use crate::backups::{Compression, Encoding, Kind, SnapshotName};
use crate::encryption::Keyring;

/// How a file is imported.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whether it must have its hash.
    pub hash: Hash,
    /// When it was taken; `None`: when the file was last written.
    pub time: Option<Timestamp>,
    /// What time it is.
    pub now: Timestamp,
    /// Whether it may become the newest state of a store that has another.
    pub newest: Newest,
    /// It is unpacked here, into a file without a name.
    pub temp_dir: PathBuf,
    /// How the full is compressed.
    pub compression: Compression,
    /// How hard.
    pub level: Level,
    /// On how many threads, where its compression can be.
    pub threads: usize,
    /// How it is sent; the mode does not count, a name is written once.
    pub sending: Sending,
    /// When it counts as stored.
    pub arrival: Arrival,
    /// Name and version of the program.
    pub tool: String,
    /// Whether it is stored.
    pub mode: Mode,
}

/// Whether the file must end with the SHA-256 of its database. One that has another is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// It must.
    Required,
    /// It may lack it, as the copy of a member's file does.
    MayBeMissing,
}

/// What may become of the newest state of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newest {
    /// It stays.
    Stays,
    /// What is imported may take its place.
    MayBeReplaced,
}

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: what would be is said.
    DryRun,
    /// The full is stored.
    Store,
}

impl Request {
    pub(super) fn check(&self) -> HashCheck {
        match self.hash {
            Hash::Required => HashCheck::Required,
            Hash::MayBeMissing => HashCheck::WherePresent,
        }
    }

    /// The name of the full, `created` in seconds since 1970 UTC.
    pub(super) fn name(&self, revision: i64, created: i64, keys: &Keyring) -> SnapshotName {
        SnapshotName {
            kind: Kind::Full,
            first: 0,
            last: revision,
            created,
            encoding: Encoding::written(self.compression, keys),
            is_final: false,
        }
    }
}
