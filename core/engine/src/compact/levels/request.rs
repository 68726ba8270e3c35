use jiff::Timestamp;

use crate::backups::Compression;
use crate::backups::branches::Wanted;
use crate::backups::encoder::Level;

/// Which deltas are merged, and how.
#[derive(Debug, Clone)]
pub struct Leveling {
    /// The lineage.
    pub lineage: Wanted,
    /// Bytes in the store that a merged delta may be made of; of JSON it has 64 MiB at most.
    pub size: u64,
    /// How merged deltas are compressed; `None`: as the last of their parts.
    pub compression: Option<Compression>,
    /// How hard.
    pub level: Level,
    /// The time now.
    pub now: Timestamp,
    /// Whether anything is done.
    pub mode: Mode,
}

/// Whether anything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    Merge,
    /// Nothing is: the report says what would be.
    DryRun,
}
