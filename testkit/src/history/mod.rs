//! Random histories on a real etcd, backed up at random moments, restored, and compared with what
//! the etcd itself says it held. Everything follows from a seed, but for the moment at which a
//! lease expires.

mod case;
mod compare;
mod keys;
mod model;
mod play;
mod script;
mod snapshotter;

pub use case::{Agreed, SourceHash};
pub use compare::{Compared, differential};
