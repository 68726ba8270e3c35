use std::path::PathBuf;

use etcd::lease::LONGEST_TTL;
use jiff::Timestamp;
use snapstore::Sending;

use super::error::{Error, Result};
use crate::backups::branches::Wanted;
use crate::backups::encoder::Level;
use crate::backups::storing::Arrival;
use crate::backups::{Compression, Kind, Reading, Snapshot, SnapshotName};

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
        revision: i64,
        created: i64,
    ) -> SnapshotName {
        SnapshotName {
            kind: Kind::Full,
            first: 0,
            last: revision,
            created,
            compression: self.compression.unwrap_or(last.name.compression),
            is_final: base.name.is_final,
        }
    }
}
