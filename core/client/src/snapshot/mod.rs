//! The database as etcd sends it, and the rules that make it one.

mod check;
mod claimed;
mod fault;
mod stream;

pub(crate) use check::Check;
pub use claimed::ClaimedHash;
pub use fault::SnapshotFault;
pub use stream::{SnapshotPiece, SnapshotStream};
