//! A data directory: built under another name and given its own last; exchanged for one that is there;
//! and who else may be at work on it.

mod building;
mod elsewhere;
mod exchange;
mod files;
mod in_use;
mod lock_out;
mod mark;
mod member_log;
mod named;
mod owner;
mod place;
mod refuse;
mod set_aside;
#[cfg(test)]
mod set_aside_tests;
mod staging;

use std::path::Path;

pub use files::create_file;
pub use in_use::in_use;
pub use lock_out::keep_etcd_out;
pub(crate) use member_log::{MemberLog, member_log};
pub(crate) use named::{ReadSnapshot, read_snapshots, segments, snapshots};
pub use place::clear_leftovers;
pub use refuse::{refuse_member, refuse_shared};
pub use set_aside::{Aside, Disposition, ExistingMember, Holds, Keep, Resumed};
pub use staging::Staging;

/// Whether there is a directory for the log of a member.
pub fn has_log(data_dir: &Path) -> bool {
    data_dir.join(etcd::data_dir::WAL).is_dir()
}

/// Whether a volume is mounted on `data_dir`, so that what stands beside it is on another.
pub fn is_mount_point(data_dir: &Path) -> bool {
    elsewhere::is_mount_point(data_dir).unwrap_or(false)
}
