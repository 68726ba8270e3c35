//! etcd's configuration: the file that is mounted for all members, read, and made into the one that a member starts
//! with.
//!
//! The mounted file is etcd's own `etcd.conf.yaml`, but that `advertise-client-urls` and
//! `initial-advertise-peer-urls` may be maps from a member's name to its URLs, and `member-name-prefix` may be there.
//! etcd-druid writes it so.

mod body;
mod document;
mod error;
mod node;

pub use body::{body, member_name};
pub use document::{Document, Urls};
pub use error::Error;
