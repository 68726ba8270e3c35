//! The port: everything that is asked of an etcd, and nothing of how it is asked.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::answers::{
    Alarm, AuthState, HashKv, Header, KeyPage, KeyValue, LeaseTime, Member, Members, Status,
    Written,
};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::snapshot::SnapshotStream;
use crate::transaction::{KeyRange, Write};
use crate::watch::{WatchFrom, WatchStream};

/// Who has to agree on what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// What the member that is asked has applied; it may lag, and needs no leader for it.
    Local,
    /// What most members agree on now.
    Agreed,
}

/// What a compaction waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compaction {
    /// That it is decided; the member removes old revisions afterwards.
    Decided,
    /// That the member has removed them.
    Done,
}

/// How a member is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vote {
    /// It has a vote at once.
    Voter,
    /// It learns first, and has none.
    Learner,
}

/// An etcd: a cluster of which one member is asked as long as it answers.
///
/// What only reads is asked again of the next member when one does not answer, as often as the
/// configuration says; what changes something is asked again only if nothing was sent. Every answer is
/// an answer that was understood: [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) otherwise. Dropping a
/// future or a stream ends what was asked for.
#[async_trait]
pub trait Etcd: fmt::Debug + Send + Sync {
    /// The same etcd, but asked at `endpoint` alone: with no other member in its place.
    fn at(&self, endpoint: &Endpoint) -> Arc<dyn Etcd>;

    /// Who is asked now.
    fn endpoint(&self) -> Endpoint;

    /// What the member says of itself. etcd 3.4 tells only root, where users are checked.
    async fn status(&self) -> Result<Status>;

    /// The members. etcd 3.4 answers `Local` whatever is asked.
    async fn members(&self, read: Read) -> Result<Members>;

    /// The newest revision, and whose.
    async fn head(&self, read: Read) -> Result<Header>;

    /// `key` as it was at `revision`; `None` if it did not exist then.
    ///
    /// Errors: `Compacted`, `Future`.
    async fn key_at(&self, key: Bytes, revision: i64, read: Read) -> Result<Option<KeyValue>>;

    /// How many keys there were at `revision`. The member looks through all of their names for it.
    ///
    /// Errors: `Compacted`, `Future`.
    async fn count_at(&self, revision: i64, read: Read) -> Result<u64>;

    /// The first keys of `range`, `limit` at the most, as they were at `revision`, on which most members agree; 0 is the newest, which
    /// the header then says.
    ///
    /// Errors: `Compacted`, `Future`, `TooLarge` where so many are more than one message takes.
    async fn keys_at(&self, range: KeyRange, revision: i64, limit: u32) -> Result<KeyPage>;

    /// Writes all of it in one transaction, or nothing: see [`Written`].
    ///
    /// Errors: `TooLarge` where it is more than etcd takes in one transaction.
    async fn write(&self, writes: Vec<Write>) -> Result<Written>;

    /// The whole database as the member holds it. Its transaction stays open, and keeps etcd from using
    /// freed pages again, until the stream is dropped or has ended; a defragmentation blocks all of
    /// etcd until then.
    async fn snapshot(&self) -> Result<Box<dyn SnapshotStream>>;

    /// All events of all keys from a revision on. It must be read, or given up: etcd pays for a watch that
    /// is not read.
    ///
    /// Errors: a start that is compacted is no error here, but what the stream says first.
    async fn watch(&self, from: WatchFrom) -> Result<Box<dyn WatchStream>>;

    /// The last compaction that the member knows of; `None` if there was none above revision 1.
    async fn compacted(&self) -> Result<Option<i64>>;

    /// The hash of the member's keys at `revision`; 0 is its newest. Reads the whole database under a
    /// lock that writers need, unless etcd remembers it from a compaction.
    ///
    /// Errors: `Compacted`, `Future`.
    async fn hash_kv(&self, revision: i64) -> Result<HashKv>;

    /// Every lease, in ascending order.
    async fn leases(&self) -> Result<Vec<i64>>;

    /// How long a lease lasts; `None` if there is no such lease (any more).
    async fn lease_time(&self, id: i64) -> Result<Option<LeaseTime>>;

    /// Whether users are checked, and the revision of users and roles.
    async fn auth(&self) -> Result<AuthState>;

    /// The alarms that are raised, of all members.
    async fn alarms(&self) -> Result<Vec<Alarm>>;

    /// Takes an alarm back.
    async fn disarm(&self, alarm: Alarm) -> Result<()>;

    /// Drops what is older than `revision`.
    ///
    /// Errors: `Compacted` if that was done before, `Future`.
    async fn compact(&self, revision: i64, wait: Compaction) -> Result<()>;

    /// Writes the member's database anew without what is free in it. Blocks the member as long as that takes.
    async fn defragment(&self) -> Result<()>;

    /// Makes a member the leader. Only the leader does so: see [`Etcd::at`].
    ///
    /// Errors: `NotLeader`.
    async fn move_leader(&self, to: u64) -> Result<()>;

    /// Adds a member, which is then started by somebody else.
    ///
    /// A change of members right after another one may get no answer (seen on 3.5.1): `Unavailable`, when
    /// the answer is late.
    async fn add_member(&self, peer_urls: Vec<String>, vote: Vote) -> Result<Member>;

    /// Removes a member.
    async fn remove_member(&self, id: u64) -> Result<()>;

    /// Says where a member's peers find it.
    async fn update_member(&self, id: u64, peer_urls: Vec<String>) -> Result<()>;

    /// Gives a learner a vote.
    async fn promote_member(&self, id: u64) -> Result<()>;
}
