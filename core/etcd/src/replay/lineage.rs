//! Whether a database is the one that its log goes on from, where all numbers fit.
//!
//! A database that was copied or restored over the log of another says that it has applied few
//! entries, or as many as another log had, and etcd applies the rest to it: every write a second
//! time, or those of one history after those of another. Numbers cannot show it, since they begin
//! again with every restore; what the entries asked for can.

use bolt::{Cursor, Db, ReadAt};

use crate::Error;
use crate::schema::bucket;
use crate::store_state::StoreState;
use crate::wal::Log;

use super::anchor::{Lead, Revisions, Step, Walk, leads_to};
use super::answer::Unreadable;

/// How many entries up to the one applied last are checked against the database.
const REACH: u64 = 1_000;

/// Why `log` does not go on from `db`, though the entry that it has applied last is in it.
///
/// Of a database of which the last keys are damaged nothing is said: whoever reads its pages is told of that,
/// and until then its numbers have their say.
pub(super) fn strays<D: ReadAt, W: ReadAt>(
    db: &Db<D>,
    log: &Log<W>,
    state: &StoreState,
) -> Result<Option<Unreadable>, Error> {
    match compared_with(db, log, state) {
        Err(error @ (Error::Read { .. } | Error::Bolt(bolt::Error::Io { .. }))) => Err(error),
        Err(_) => Ok(None),
        found => found,
    }
}

fn compared_with<D: ReadAt, W: ReadAt>(
    db: &Db<D>,
    log: &Log<W>,
    state: &StoreState,
) -> Result<Option<Unreadable>, Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(None);
    };
    let (consistent_index, revision) = (state.consistent_index, state.revision);
    // Entries that found a cluster write nothing.
    let wrote_nothing = log.founding().is_some_and(|last| consistent_index <= last);
    if wrote_nothing && revision > 1 && !log.is_of_a_restore() {
        return Ok(Some(Unreadable::NotOfThisLog {
            consistent_index,
            revision,
        }));
    }
    if consistent_index == log.start().index && log.start().term <= 1 {
        return applied_already(db, log, state);
    }
    // etcd 3.5.0 to 3.5.2 may note an entry before its effect (etcd issue 13766): one alone says
    // nothing.
    let at = consistent_index;
    if contradicted(log, db, keys.cursor(), (state, at))?.is_none() {
        return Ok(None);
    }
    let before = at.saturating_sub(1);
    let found = contradicted(log, db, keys.cursor(), (state, before))?;
    Ok(found.map(|(index, revision)| Unreadable::OtherWrites { index, revision }))
}

/// The newest entry up to `last` that surely wrote, and did not write what `db` holds, with the
/// revision that it would have made.
fn contradicted<D: ReadAt, W: ReadAt>(
    log: &Log<W>,
    db: &Db<D>,
    keys: Cursor<'_, D>,
    (state, last): (&StoreState, u64),
) -> Result<Option<(u64, i64)>, Error> {
    let mut revisions = Revisions::newest_first(keys, state)?;
    let mut walk = Walk::beside(db, state)?;
    let oldest = log.start().index.max(last.saturating_sub(REACH));
    let (mut index, mut at) = (last, state.revision);
    let mut revision = revisions.take()?;
    while index > oldest && !walk.is_enough() {
        let Some(changes) = &revision else { break };
        match walk.step(log, index, changes)? {
            Step::Passed => {}
            Step::Matched => {
                revision = revisions.take()?;
                at -= 1;
            }
            Step::Failed => break,
            Step::Contradicted => return Ok(Some((index, at))),
        }
        // What depends on the state before it may have made this revision, another, or none.
        if !walk.is_sure() {
            break;
        }
        index -= 1;
    }
    Ok(None)
}

/// A database that stands where a restore has left it, beside a log that goes on from there: whether
/// it holds what the log asked for since.
fn applied_already<D: ReadAt, W: ReadAt>(
    db: &Db<D>,
    log: &Log<W>,
    state: &StoreState,
) -> Result<Option<Unreadable>, Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(None);
    };
    let mut revisions = Revisions::newest_first(keys.cursor(), state)?;
    let Some(newest) = revisions.take()? else {
        return Ok(None);
    };
    for index in (state.consistent_index.saturating_add(1)..=log.last_index()).rev() {
        let matches = Walk::beside(db, state)?.step(log, index, &newest)? == Step::Matched;
        if matches && leads_to(log, db, index)? != Lead::Elsewhere {
            return Ok(Some(Unreadable::AppliedAlready {
                consistent_index: state.consistent_index,
                held: index,
            }));
        }
    }
    Ok(None)
}
