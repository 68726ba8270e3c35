use client::{Batch, Header};

use super::beside::Looked;
use super::chain_there::{ChainEnds, Lost};
use super::not_taken::NotTaken;
use crate::backups::storing::Proof;
use crate::snapshot::error as snapshot;
use crate::snapshot::full::{Opened, TakenFull};
use crate::snapshot::machine::{Probed, WatchEnd};

/// What the jobs of a driver say.
#[derive(Debug)]
pub(super) enum Said {
    /// The newest revision, and that of the newest event of the lineage that is left which etcd has too.
    Head {
        /// The former.
        head: Header,
        /// The latter, if one was found.
        shared: Option<i64>,
    },
    /// Whether it is the same history.
    Probed(Probed),
    /// What was asked could not be answered, and is asked again.
    NoAnswer(client::Error),
    /// The stream of a full has begun.
    FullOpened(Opened),
    /// A full is done, or does not count as taken.
    Full(Result<Box<TakenFull>, NotTaken>),
    /// A delta is done.
    Delta(snapshot::Result<Proof>),
    /// A delta was not stored: what it would continue is gone.
    ContinuesNothing(ChainEnds, Lost),
    /// Whether what deltas continue is there; else why that is not known.
    Checked {
        /// Of which chain.
        ends: ChainEnds,
        /// What is gone.
        lost: Result<Option<Lost>, String>,
    },
    /// Another snapshotter has taken over.
    Deposed,
    /// The job has panicked.
    Died,
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
