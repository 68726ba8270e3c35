//! What becomes of a snapshot of the source, as it is decided before anything is done.

use snapstore::Key;

use crate::backups::{Snapshot, SnapshotName};

/// A snapshot of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) snapshot: Snapshot,
    /// Its name at the destination, which is never `.final`: there the cluster goes on.
    pub(super) to: SnapshotName,
    /// The place, among the items, of the full that must be there before it.
    pub(super) after: Option<usize>,
    pub(super) choice: Choice,
}

/// What is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// It is not there yet.
    Copy,
    /// It is there, under this key and with as many bytes; nothing that is known of the two differs.
    Present(Key),
    /// As many bytes are there, and whether they are the same has to be read.
    Compare(Key),
    /// It is not asked for, or of no use.
    LeftOut(LeftOut),
    /// It cannot be copied.
    Refused(Refusal),
}

/// Why a snapshot stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LeftOut {
    #[error("it is not among the newest {0} chains")]
    TooMany(usize),
    #[error("its chain was begun more than {0} days ago")]
    TooOld(u32),
    #[error("there is no full that it follows on, so no state can be restored from it")]
    NoFull,
    #[error("{0} is the same snapshot")]
    Twin(Key),
}

/// Why a snapshot is not copied that should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "the destination has {there} with {bytes} bytes, and this one has {expected}: move away the one that is wrong"
    )]
    OtherSize {
        there: Key,
        bytes: u64,
        expected: u64,
    },
    #[error(
        "the destination has {there}, and by the metadata of both its SHA-256 is another: move away the one that is wrong"
    )]
    OtherSum { there: Key },
    #[error("{0} would have the same name at the destination, and is not the same")]
    TwoAlike(Key),
    #[error("it has {bytes} bytes, and its metadata says {told}: it was damaged or replaced")]
    NotAsDescribed { bytes: u64, told: u64 },
    #[error("nobody knows of which lineage it is, since its metadata cannot be read: {0}")]
    Unplaced(String),
}

/// The name of a snapshot at the destination.
pub(super) fn name_there(name: &SnapshotName) -> SnapshotName {
    SnapshotName {
        is_final: false,
        ..name.clone()
    }
}
