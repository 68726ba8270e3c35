//! Makes a cluster of one member out of what is left of a cluster that lost its quorum for good.
//!
//! look (every directory that can be reached, read-only) -> choose (pure) -> plan, beside the backups -> restore the database of the
//! chosen member and all of its log into a member of a new cluster, beside it -> swap -> look again -> keep the old one.
//! What the others do then is said by whoever speaks with the operator.

mod backup;
mod candidate;
mod choose;
#[cfg(test)]
mod choose_tests;
mod error;
mod identity;
mod look;
mod plan;
mod run;
mod serving;

pub use backup::Backup;
pub use candidate::{Candidate, Condition, Peer, Place, Standing};
pub use choose::{Choice, Doubt, Seen, choose};
pub use error::{Error, Result};
pub use identity::{NewMember, Wanted};
pub use plan::{Plan, Request, plan};
pub use run::{Recovered, recover};
pub use serving::{Asked, NoAnswer, ask};
