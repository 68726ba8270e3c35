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

mod alarms;
mod anchor;
mod answer;
mod auth;
mod auth_request;
mod bounds;
mod describe;
mod effect;
mod footprint;
mod key;
mod keyspace;
mod kind;
mod kv_request;
mod lagging_index;
mod legacy;
mod lessor;
mod lineage;
mod machine;
mod membership;
mod message;
mod request;
mod run;
mod salvage;
mod servers;
mod source;
mod state;
mod txn;
mod v2_request;

pub use answer::{Answer, Reason, Stopped, Unreadable};
pub use auth::AuthStore;
pub use bounds::bounds;
pub use describe::describe;
pub use run::{Replayed, replay, replay_on};
pub use salvage::{Refused, Salvage};
pub use servers::{NoVersion, ServerVersion, Servers};
pub use state::State;
pub(crate) use v2_request::{V2Request, v2_request};

/// Which entries of the log count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Commitment {
    /// What a restart of this member proves: with no other voter every entry, otherwise those up
    /// to the commit index that it wrote down, or applied.
    #[default]
    Restart,
    /// Only those up to the commit index that it wrote down, or applied.
    Recorded,
    /// Every entry that the log holds: what the member would commit as a leader. For one that goes on
    /// alone, when the others are lost for good. The commit index is written down after the answer to a
    /// client, so the end of the log may have been acknowledged; what was not may be done all the same.
    Held,
}
