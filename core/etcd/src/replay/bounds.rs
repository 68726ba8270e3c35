use std::ops::RangeInclusive;

use bolt::{Db, ReadAt};

use crate::Error;
use crate::store_state::StoreState;
use crate::wal::Log;

use super::answer::{Answer, Reason, Stopped, Unreadable};
use super::lineage::strays;
use super::request::Request;
use super::servers::minor;

/// The cheap answer: reads the end of the log and a handful of pages, and applies nothing. Each
/// entry makes at most one revision, so counting those that can make one bounds them all.
///
/// Exact when no entry is left that could write.
pub fn bounds<D: ReadAt, W: ReadAt>(db: &Db<D>, log: &Log<W>) -> Result<Answer, Error> {
    let state = StoreState::read(db)?;
    if let Err(unreadable) = fits(&state, log) {
        return Ok(Answer::Unreadable(unreadable));
    }
    if let Some(unreadable) = strays(db, log, &state)? {
        return Ok(Answer::Unreadable(unreadable));
    }
    let (mut upper, mut stopped) = (state.revision, None);
    for index in first_unapplied(&state, log)..=log.last_index() {
        if let Some(kind) = writer(log, index)? {
            upper += 1;
            stopped.get_or_insert(Stopped {
                index,
                kind,
                reason: Reason::NotApplied,
            });
        }
    }
    Ok(match stopped {
        None => Answer::Exact(state.revision),
        Some(stopped) => Answer::Between {
            lower: state.revision,
            upper,
            stopped,
        },
    })
}

/// How many of these entries can make a revision.
pub(super) fn count_writers<W: ReadAt>(
    log: &Log<W>,
    indexes: RangeInclusive<u64>,
) -> Result<i64, Error> {
    let mut count = 0;
    for index in indexes {
        count += i64::from(writer(log, index)?.is_some());
    }
    Ok(count)
}

/// What an entry asks for.
pub(super) fn kind<W: ReadAt>(log: &Log<W>, index: u64) -> Result<&'static str, Error> {
    if log.is_conf_change(index) {
        return Ok("conf change");
    }
    let data = log.entry(index)?.and_then(|entry| entry.data);
    Ok(match data.as_deref() {
        None | Some([]) => "empty",
        Some(data) => {
            Request::decode(data).map_or("malformed request", |request| request.kind.name())
        }
    })
}

/// What the entry asks for, if that can make a revision.
fn writer<W: ReadAt>(log: &Log<W>, index: u64) -> Result<Option<&'static str>, Error> {
    if log.is_conf_change(index) {
        return Ok(None);
    }
    let data = log.entry(index)?.and_then(|entry| entry.data);
    Ok(match data.as_deref() {
        None | Some([]) => None,
        Some(data) => match Request::decode(data) {
            Ok(request) => request.may_write().then(|| request.kind.name()),
            Err(_) => Some("malformed request"),
        },
    })
}

/// Index of the first entry that the database has not applied.
pub(super) fn first_unapplied<W: ReadAt>(state: &StoreState, log: &Log<W>) -> u64 {
    state
        .consistent_index
        .max(log.start().index)
        .saturating_add(1)
}

/// Whether the log goes on where the database stands.
pub(super) fn fits<W: ReadAt>(state: &StoreState, log: &Log<W>) -> Result<(), Unreadable> {
    let consistent_index = state.consistent_index;
    let (start, last) = (log.start().index, log.last_index());
    if consistent_index < start {
        let holds_all = log
            .oldest_index()
            .is_some_and(|oldest| oldest <= consistent_index.saturating_add(1));
        return Err(match holds_all {
            true => Unreadable::SnapshotIsNewer {
                consistent_index,
                start,
            },
            false => Unreadable::LogBeginsLater {
                consistent_index,
                start,
            },
        });
    }
    if consistent_index > last {
        return Err(Unreadable::LogEndsEarlier {
            consistent_index,
            last,
        });
    }
    let commit = log.hard_state().commit;
    if commit > last {
        return Err(Unreadable::CommitPastEnd { commit, last });
    }
    let minor = state.cluster_version.as_deref().and_then(minor);
    let is_kept = minor.is_some_and(|minor| minor >= 5) && state.term > Some(1);
    match (state.term, log.term(consistent_index)) {
        // The entries that found a cluster are of term 1, and nothing else is: there etcdctl 3.4 leaves
        // the term of the cluster that the snapshot is of.
        (_, Some(..=1)) => Ok(()),
        // etcd 3.4 moves the index on and leaves the term at what it was: 0, never recorded, the 1
        // that a restore writes for entries of its own, or that of an etcd 3.5 before a rollback, of
        // this cluster or of the one that it was restored from.
        // Along a log terms only grow.
        (Some(applied), Some(logged))
            if minor != Some(4) && applied > logged || (is_kept && applied < logged) =>
        {
            Err(Unreadable::OtherTerm {
                index: consistent_index,
                applied,
                logged,
            })
        }
        _ => Ok(()),
    }
}
