//! Whether a member and a backup are of one history, and what the member holds that no backup does.

mod last_writes;
mod later_full;
mod overwritten;
mod records;
mod replayed;
mod tail;
mod v2_keys;

pub use last_writes::Lineage;
pub(crate) use last_writes::{Restored, lineage_of};
pub(crate) use later_full::is_of_one_history;
pub use records::Beyond;
pub(crate) use records::beyond;
pub(crate) use v2_keys::along;
