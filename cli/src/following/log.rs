use std::sync::Arc;

use crate::hints::after;

use super::watched::WatchState;
use engine::size::bytes;
use engine::snapshot::fence::Process;
use engine::snapshot::machine::Base;
use engine::snapshot::taking::{Listener, Notice};
use tokio::sync::Notify;
use tracing::{debug, error, info, warn};

/// Writes what happens to the log.
pub(super) struct Log {
    /// Notified when a full is stored.
    full_stored: Option<Arc<Notify>>,
    watched: Arc<WatchState>,
}

impl Log {
    pub(super) fn new(full_stored: Option<Arc<Notify>>, watched: Arc<WatchState>) -> Self {
        Self {
            full_stored,
            watched,
        }
    }
}

impl Listener for Log {
    fn notice(&self, notice: &Notice<'_>) {
        if let (Notice::FullTaken(_), Some(full_stored)) = (notice, &self.full_stored) {
            full_stored.notify_one();
        }
        self.watched.hear(notice);
        match notice {
            Notice::FullBegan { .. }
            | Notice::FullTaken(_)
            | Notice::FullAbandoned
            | Notice::FullFailed(_) => of_full(notice),
            Notice::DeltaTaken(delta) => info!(
                revision = delta.name.last,
                events = delta.events,
                "took delta v2/{}, {}",
                delta.name,
                bytes(delta.object.len() as u64)
            ),
            Notice::DeltaFailed { delta, error } => {
                let why = after(&error.to_string(), &error.hints());
                warn!("delta {} is not stored: {why}; trying again", delta.name)
            }
            Notice::NoMetadata { snapshot, why } => {
                warn!("{snapshot} is stored, and what is known about it is not: {why}")
            }
            Notice::Unreadable {
                key: Some(key),
                why,
            } => warn!("{key} is left alone: {why}"),
            Notice::EncryptionEnds { key } => warn!(
                "{key} is encrypted, and what is stored from now on is not: --encrypt-recipients is not given"
            ),
            Notice::Unreadable { key: None, why } => warn!("metadata that cannot be read: {why}"),
            _ => of_etcd(notice),
        }
    }
}

fn of_full(notice: &Notice<'_>) {
    match notice {
        Notice::FullBegan { revision, base } => {
            let how = match base {
                Base::Continues => "deltas go on until it is stored",
                Base::Anew => "it begins a chain",
            };
            debug!(revision, "taking a full: {how}");
        }
        Notice::FullTaken(full) => info!(
            revision = full.reaches(),
            "took full {}, {} of {}",
            full.key,
            bytes(full.stored_size),
            bytes(full.raw_size)
        ),
        Notice::FullAbandoned => info!("gave a full up that was under way"),
        Notice::FullFailed(error) => warn!(
            "no full was taken: {}; trying again",
            after(&error.to_string(), &error.hints())
        ),
        _ => {}
    }
}

fn of_etcd(notice: &Notice<'_>) {
    match notice {
        Notice::WaitsForTurn => info!(
            "waiting some seconds: the snapshotter that had the turn before may still write deltas here, and must hear first \
             that it may not"
        ),
        Notice::TookOver { from } if **from == Process::current() => {
            info!("goes on with the turn that this process had before")
        }
        Notice::TookOver { from } => warn!(
            "took over from a snapshotter that may still run (process {} on {}): it stops at its next delta",
            from.pid, from.host
        ),
        Notice::Continues {
            lineage,
            revision,
            is_proven: true,
        } => {
            info!(
                lineage,
                revision, "etcd has the history of the newest backups"
            )
        }
        Notice::Continues {
            lineage, revision, ..
        } => info!(
            lineage,
            revision,
            "the log of etcd shows that it goes on with the history of the newest backups; their last event could not be compared \
             (it is compacted, or not readable), so a full follows"
        ),
        Notice::NewLineage {
            lineage,
            left: None,
            head,
        } => info!(lineage, revision = head, "a lineage begins with a full"),
        Notice::NewLineage {
            lineage,
            left: Some(left),
            head,
        } => warn!(
            lineage,
            revision = head,
            "nothing proves that etcd has the history of the newest backups, lineage {left}: it was restored to an \
             older state, is another, or is compacted; a lineage begins with a full"
        ),
        Notice::Follows { from, .. } => debug!(revision = from, "following etcd"),
        Notice::WatchEnded { why } => info!("following etcd anew: {why}"),
        Notice::Hole { first, last } => error!(
            first,
            last,
            "no delta holds revisions {first} to {last}: no state between them can be restored; a full is taken"
        ),
        Notice::ChainLost { lost } => error!(
            "{lost} is not in the store any more: what was to be taken next could not be restored, so a full is \
             taken now; find out who deletes in this place"
        ),
        Notice::Overlap { key } => warn!(
            "{key} overlaps with another delta, as two writers at once leave them: etcd-backup-restore cannot restore \
             these, so a full is taken now"
        ),
        Notice::Unchecked { why } => warn!(
            "it is not known whether the newest backups are still in the store: {why}; asking again"
        ),
        Notice::EventsMissing { first, last } => error!(
            first,
            last, "etcd did not send revisions {first} to {last}: a bug of etcd; a full is taken"
        ),
        Notice::Changed { what } => info!("{what} changed, which no delta holds: a full is taken"),
        Notice::Refused(error) => error!(
            "etcd refuses what it was asked: {error}; deltas go on as long as this watch does, and no full can be taken: \
             set --etcd-username and its password to a user with the role root"
        ),
        Notice::NoAnswer(error) => warn!("etcd did not answer: {error}; asking again"),
        Notice::Silence { head, read } => error!(
            revision = read,
            head, "etcd is at revision {head}, and nothing came after revision {read}"
        ),
        _ => {}
    }
}
