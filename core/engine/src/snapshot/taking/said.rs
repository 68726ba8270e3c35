use client::{Batch, Header};

use super::beside::Looked;
use crate::snapshot::arrival::Proof;
use crate::snapshot::error as snapshot;
use crate::snapshot::full::{Opened, TakenFull};
use crate::snapshot::machine::{Probed, WatchEnd};

/// What the errands of a driver say.
#[derive(Debug)]
pub(super) enum Said {
    /// The newest revision.
    Head(Header),
    /// Whether it is the same history.
    Probed(Probed),
    /// What was asked could not be answered, and is asked again.
    NoAnswer(client::Error),
    /// The stream of a full has begun.
    FullOpened(Opened),
    /// A full is done.
    Full(snapshot::Result<Box<TakenFull>>),
    /// A delta is done.
    Delta(snapshot::Result<Proof>),
    /// Another snapshotter has taken over.
    Deposed,
    /// How long leases were granted for; `None` where there is no such lease, or no answer.
    Leases(Vec<(i64, Option<i64>)>),
    /// What no event carries.
    Looked(Looked),
}

/// What a watch says.
#[derive(Debug)]
pub(super) enum Watched {
    /// It is there; this is the member.
    Created(Header),
    /// Events: at least one batch of them.
    Batches(Vec<Batch>),
    /// It is over.
    Ended(WatchEnd, String),
}
