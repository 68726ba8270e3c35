//! What can happen, as far as a metric counts it. Each has few values: a series for each of them is there from the
//! first scrape on.

use crate::ports::Kind;

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Succeeded,
    /// It was not.
    Failed,
}

/// Whether a snapshot is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// It is, and was not taken yet.
    Due,
    /// It is not.
    NotDue,
}

/// As what a member was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoredAs {
    /// As one of several: it gets its data from the others.
    SingleMember,
    /// As the only one: from the backups.
    SingleNode,
}

/// What this etcd is in its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// It votes.
    Voter,
    /// It learns first.
    Learner,
}

/// What failed of the snapshotter. The reference has the text of the error here, of which there is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A full.
    Full,
    /// A delta.
    Delta,
    /// The watch.
    Watch,
    /// Deleting what no rule of retention needs.
    Collection,
    /// A proof that the backups are what etcd has: they are not.
    Proof,
    /// The same, where nothing was found out.
    Unproven,
    /// The snapshotter ended.
    Snapshotter,
}

/// A part of the work whose time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Until the first bytes of a full have come from etcd.
    FullOpen,
    /// From there until it is shown that a full is in the store.
    FullTransfer,
    /// Until it is shown that a delta is in the store.
    DeltaTransfer,
    /// A garbage collection.
    Collection,
    /// A restore, while full and deltas are written.
    RestoreReplay,
    /// A restore, until all is on the disk.
    RestoreFlush,
    /// A restore, while what was written is read again.
    RestoreCheck,
}

/// A call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A small object is stored.
    Put,
    /// An upload in parts is begun.
    StartUpload,
    /// A part is sent.
    PutPart,
    /// An upload is completed.
    Complete,
    /// An upload is given up.
    Abort,
    /// The store copies an object by itself.
    Copy,
    /// An object is read.
    Get,
    /// An object is looked at.
    Head,
    /// A page of a listing.
    List,
    /// An object is deleted.
    Delete,
    /// Abandoned uploads are removed.
    Sweep,
}

impl Outcome {
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::Succeeded => "true",
            Self::Failed => "false",
        }
    }
}

impl RestoredAs {
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::SingleMember => "single_member",
            Self::SingleNode => "single_node",
        }
    }
}

impl What {
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Delta => "delta",
            Self::Watch => "watch",
            Self::Collection => "collection",
            Self::Proof => "proof",
            Self::Unproven => "unproven",
            Self::Snapshotter => "snapshotter",
        }
    }
}

impl Phase {
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::FullOpen => "full_open",
            Self::FullTransfer => "full_transfer",
            Self::DeltaTransfer => "delta_transfer",
            Self::Collection => "collection",
            Self::RestoreReplay => "restore_replay",
            Self::RestoreFlush => "restore_flush",
            Self::RestoreCheck => "restore_check",
        }
    }
}

impl Call {
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::StartUpload => "start_upload",
            Self::PutPart => "put_part",
            Self::Complete => "complete",
            Self::Abort => "abort",
            Self::Copy => "copy",
            Self::Get => "get",
            Self::Head => "head",
            Self::List => "list",
            Self::Delete => "delete",
            Self::Sweep => "sweep",
        }
    }
}

pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Full => "Full",
        Kind::Delta => "Incr",
    }
}
