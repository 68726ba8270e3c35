//! What events must satisfy, for every verb that folds them: revisions without a gap, versions of keys that
//! follow on each other, repeated events that are equal, and the database that they make.

pub(crate) mod appended;
pub(crate) mod apply;
pub(crate) mod as_compacted;
mod base_state;
mod check;
pub(crate) mod compacted;
pub(crate) mod database_pages;
mod extended;
mod follow;
pub(crate) mod key_index;
mod leases;
pub(crate) mod live_keys;
pub(crate) mod output;
mod overlap;
mod remarks;
pub(crate) mod scratch;
pub(crate) mod spool;
pub(crate) mod verify_file;
pub(crate) mod walk;
mod warnings;
mod write_behind;

pub(crate) use follow::{OfBackups, follow_plan, lineage_warnings, over_backups, tell};
pub use leases::LeaseCounts;
pub(crate) use leases::UNKNOWN_TTL;
pub use remarks::Hashes;
pub(crate) use remarks::Remarks;
pub(crate) use warnings::{ends_before, warnings};
