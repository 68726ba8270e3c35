use std::time::Duration;

use super::again::Failure;

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Nothing but time.
    Tick,
    /// The answer to [`super::Effect::AskHead`]: the newest revision that the members agree on.
    Head(i64),
    /// The answer to [`super::Effect::Probe`].
    Probed(Probed),
    /// The watch is there.
    Watching,
    /// One revision was read to its end and stands in the open delta.
    Revision {
        /// Which: one more than the last.
        revision: i64,
        /// Bytes of JSON in the open delta, with it.
        json: u64,
    },
    /// No more events come.
    WatchEnded(WatchEnd),
    /// The answer to [`super::Effect::Cut`]: the delta is complete.
    Closed {
        /// Bytes of the object.
        bytes: u64,
    },
    /// The oldest closed delta is in the store, and the store's checksum or a read-back agrees.
    DeltaStored,
    /// It could not be stored; it is tried again.
    DeltaFailed(Failure),
    /// The stream of the full has begun: it holds nothing above this revision.
    FullOpened(i64),
    /// The full is in the store, and the store's checksum or a read-back agrees. What it holds, if its pages
    /// were understood.
    FullStored(Option<i64>),
    /// It could not be read or stored, or was given up.
    FullFailed {
        /// Whether trying again may help.
        failure: Failure,
        /// Whether it is in the store all the same.
        object: Object,
    },
    /// A full is wanted: the schedule says so, users or members have changed, or somebody asks.
    FullWanted,
    /// What is open shall be stored now.
    DeltaWanted,
    /// Something that leads to the newest snapshot is not in the store any more.
    ChainLost,
    /// Another writer has taken over.
    Deposed,
    /// Store what is held, and end.
    Stop,
}

/// Whether a full that does not count as taken is in the store: the last answer may have been lost, or come too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// It is not there.
    Absent,
    /// The store did not say.
    Unknown,
}

/// Whether etcd's history is that of the newest snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// The last event that was stored is in etcd as it was stored.
    Same {
        /// etcd's newest revision.
        head: i64,
    },
    /// Nothing proves it, since the revision is compacted, and the log of etcd goes on from where it stood then.
    GoesOn {
        /// etcd's newest revision.
        head: i64,
    },
    /// It is not: etcd was restored to an older state, or is another.
    Other,
    /// The revision is compacted, or nothing is known of the last event: nothing proves either.
    Unknown,
}

/// Why no more events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchEnd {
    /// The connection, the member or its leader is gone.
    Broke,
    /// The revision that it should go on with is compacted.
    Compacted,
    /// Events are missing.
    Hole,
    /// The member has not got as far as the watch begins.
    Ahead,
}

/// By which a snapshotter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long after its first event a delta is stored; `None`: there are no deltas.
    pub period: Option<Duration>,
    /// JSON of a delta after which it is stored, in bytes.
    pub limit: u64,
    /// Closed deltas that wait for the store, in bytes: above it the watch is given up.
    pub queue: u64,
    /// Revisions that a new watch may have to catch up with. etcd reads them under the lock that commits
    /// need; above it a full is taken.
    pub catch_up: i64,
    /// How long after a failure it is tried again.
    pub retry: Duration,
    /// The longest wait before what needs somebody to change something is tried again.
    pub retry_at_most: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            period: Some(Duration::from_secs(20)),
            limit: 10 << 20,
            queue: 24 << 20,
            catch_up: 20_000,
            retry: Duration::from_secs(2),
            retry_at_most: Duration::from_secs(60),
        }
    }
}
