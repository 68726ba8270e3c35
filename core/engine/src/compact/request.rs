use std::path::PathBuf;

use etcd::lease::LONGEST_TTL;
use jiff::Timestamp;
use snapstore::Sending;

use super::error::{Error, Result};
use crate::backups::branches::Wanted;
use crate::backups::encoder::Level;
use crate::backups::storing::Arrival;
use crate::backups::{Compression, Encoding, Kind, Reading, Snapshot, SnapshotName};
use crate::encryption::Keyring;

/// What to compact, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The lineage whose newest chain it is.
    pub lineage: Wanted,
    /// How objects are read. A hash that is wrong or missing ends it, whatever this says: the full gets one of its own,
    /// and would pass for whole.
    pub reading: Reading,
    /// Seconds for a lease of which nothing but the name is known.
    pub unknown_lease_ttl: i64,
    /// Where the chain is unpacked, into a file without a name; made if it is not there.
    pub temp_dir: PathBuf,
    /// How the full is compressed; `None`: as the last delta is.
    pub compression: Option<Compression>,
    /// How hard.
    pub level: Level,
    /// On how many threads, where its compression can be.
    pub threads: usize,
    /// How it is sent; the mode does not count, a name is written once.
    pub sending: Sending,
    /// When it counts as stored.
    pub arrival: Arrival,
    /// What time it is.
    pub now: Timestamp,
    /// Name and version of the program.
    pub tool: String,
}

impl Request {
    pub(super) fn check(&self) -> Result<()> {
        match (1..=LONGEST_TTL).contains(&self.unknown_lease_ttl) {
            true => Ok(()),
            false => Err(Error::LeaseTtl),
        }
    }

    /// The name of the full that is made of these.
    pub(super) fn name(
        &self,
        (base, last): (&Snapshot, &Snapshot),
        (revision, created): (i64, i64),
        keys: &Keyring,
    ) -> SnapshotName {
        SnapshotName {
            kind: Kind::Full,
            first: 0,
            last: revision,
            created,
            encoding: Encoding::written(self.compression(last), keys),
            is_final: base.name.is_final,
        }
    }

    /// How the content is compressed: as that of the last object, unless something else was asked for. That of an encrypted one shows
    /// only inside of it.
    pub(super) fn compression(&self, last: &Snapshot) -> Compression {
        let of_last = || last.name.encoding.plain().unwrap_or(Compression::Gzip);
        self.compression.unwrap_or_else(of_last)
    }
}
