use client::Header;
use snapstore::Key;

use super::chain_there::Lost;
use crate::snapshot::error::Error;
use crate::snapshot::fence::Process;
use crate::snapshot::full::TakenFull;
use crate::snapshot::machine::Base;
use crate::snapshot::stored_delta::ClosedDelta;

/// What a snapshotter has to tell while it runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// Another snapshotter had the turn and may still run: it stops when it stores something.
    TookOver {
        /// Which.
        from: &'a Process,
    },
    /// Another snapshotter may still write deltas: it is given time to hear that its turn is over.
    WaitsForTurn,
    /// It goes on with what the store holds.
    Continues {
        /// The lineage.
        lineage: &'a str,
        /// The revision that the store reaches.
        revision: i64,
        /// By an event; otherwise what would prove it is compacted, and etcd's log speaks for it.
        is_proven: bool,
    },
    /// The history of etcd is not, or is not proven to be, that of the newest backups.
    NewLineage {
        /// Its id.
        lineage: &'a str,
        /// The id of the one that it leaves.
        left: Option<&'a str>,
        /// etcd's newest revision.
        head: i64,
    },
    /// The newest object is encrypted, and what is stored from now on is not: nobody is named to encrypt for.
    EncryptionEnds {
        /// The newest object.
        key: &'a Key,
    },
    /// Events come from this revision on.
    Follows {
        /// The first.
        from: i64,
        /// Who sends them.
        member: &'a Header,
    },
    /// No more events come; it is asked again.
    WatchEnded {
        /// Why.
        why: String,
    },
    /// The watch was given up by this side; another may follow.
    Unwatched,
    /// A full has begun.
    FullBegan {
        /// The revision of its name.
        revision: i64,
        /// Whether it continues the chain.
        base: Base,
    },
    /// The first bytes of the full have come.
    FullOpened {
        /// Bytes of the database.
        size: u64,
    },
    /// A full is in the store.
    FullTaken(&'a TakenFull),
    /// A full did not come about; it is tried again.
    FullFailed(&'a Error),
    /// A full was given up, for the sake of the deltas or of a stop.
    FullAbandoned,
    /// A delta is on its way to the store.
    DeltaSent,
    /// A delta is in the store.
    DeltaTaken(&'a ClosedDelta),
    /// A delta was not stored; it is tried again.
    DeltaFailed {
        /// Which.
        delta: &'a ClosedDelta,
        /// Why.
        error: &'a Error,
    },
    /// A snapshot is in the store, and what is known about it is not beside it.
    NoMetadata {
        /// The snapshot.
        snapshot: String,
        /// Why.
        why: String,
    },
    /// These revisions are in no delta: no state between them can be restored.
    Hole {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
    /// Something of the chain is not in the store any more: what is taken next would not be restorable. A full is taken.
    ChainLost {
        /// What.
        lost: Lost,
    },
    /// A delta of the newest chain overlaps with another: etcd-backup-restore cannot restore it. A full is taken.
    Overlap {
        /// Which.
        key: &'a Key,
    },
    /// The store does not say whether the chain is still there; it is asked again.
    Unchecked {
        /// Why.
        why: String,
    },
    /// etcd has lost events, and the watch is useless.
    EventsMissing {
        /// The first revision.
        first: i64,
        /// The last.
        last: i64,
    },
    /// Something that no event carries has changed: a full is taken.
    Changed {
        /// What.
        what: &'static str,
    },
    /// Users are checked, and who asks is none of those who may: events still come, and what no event carries is in no
    /// backup from here on.
    Refused(&'a client::Error),
    /// etcd did not answer; it is asked again.
    NoAnswer(&'a client::Error),
    /// How far etcd is, and how far the watch: asked every now and then.
    Stands {
        /// etcd's newest revision.
        head: i64,
        /// The last that was read.
        read: i64,
    },
    /// etcd's revision moves, and no events come.
    Silence {
        /// etcd's newest revision.
        head: i64,
        /// The last that was read.
        read: i64,
    },
    /// An object where snapshots stand that cannot be taken into account.
    Unreadable {
        /// Which.
        key: Option<Key>,
        /// Why.
        why: String,
    },
}

/// Who is told.
pub trait Listener: Send + Sync {
    /// Takes a notice. It must not wait.
    fn notice(&self, notice: &Notice<'_>);
}
