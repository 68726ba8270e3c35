use std::ops::RangeInclusive;

use bolt::{Db, ReadAt};

use crate::Error;
use crate::store_state::{StoreState, last_main};
use crate::wal::Log;

use super::Commitment;
use super::alarms::Origin;
use super::answer::{Answer, Reason, Stopped};
use super::bounds::{count_writers, first_unapplied, fits, kind};
use super::footprint::{Footprint, Users};
use super::keyspace::{Keyspace, TooMany};
use super::lineage::strays;
use super::machine::Machine;
use super::request::Request;
use super::servers::Servers;
use super::source::{Halt, Source};
use super::state::State;

/// What the keys that a log touches may take in memory, in bytes.
const LIMIT: usize = 96 << 20;

const UNFINISHED: Reason = Reason::VersionsDiffer(
    "a compaction that was not finished has removed the last revision, and etcd before 3.4.33 and \
     3.5.14 then begins with an earlier one",
);

/// A member, after its log was applied to its database.
#[derive(Debug)]
pub struct Replayed<'a, D, W> {
    /// Which revision it is at.
    pub answer: Answer,
    /// What it then holds: at the exact revision, or at the lower one when all that stopped the
    /// replay is that the entries after it are not proven.
    pub state: Option<State<'a, D, W>>,
}

impl<D, W> Replayed<'_, D, W> {
    fn without_state(answer: Answer) -> Self {
        Self {
            answer,
            state: None,
        }
    }
}

/// Applies to a view of `db` what `log` proves committed.
///
/// Reads the entries twice and the `key` bucket once, and not even that when no entry is left to
/// apply. Holds 32 bytes an entry of the log and at most 96 MiB for the keys that they touch;
/// more keys are an [`Answer::Between`].
pub fn replay<'a, D: ReadAt, W: ReadAt>(
    db: &'a Db<D>,
    log: &'a Log<W>,
    commitment: Commitment,
) -> Result<Replayed<'a, D, W>, Error> {
    replay_on(db, log, commitment, Servers::Any)
}

/// The same, when it is known which etcd will start: then no other need agree with it.
pub fn replay_on<'a, D: ReadAt, W: ReadAt>(
    db: &'a Db<D>,
    log: &'a Log<W>,
    commitment: Commitment,
    servers: Servers,
) -> Result<Replayed<'a, D, W>, Error> {
    replay_from(db, log, commitment, (servers, Origin::Start))
}

pub(super) fn replay_from<'a, D: ReadAt, W: ReadAt>(
    db: &'a Db<D>,
    log: &'a Log<W>,
    commitment: Commitment,
    by: (Servers, Origin),
) -> Result<Replayed<'a, D, W>, Error> {
    let state = StoreState::read(db)?;
    if let Err(unreadable) = fits(&state, log) {
        return Ok(Replayed::without_state(Answer::Unreadable(unreadable)));
    }
    // Who looks for what a full lacks has proven otherwise that the log leads to it.
    if by.1 == Origin::Start
        && let Some(unreadable) = strays(db, log, &state)?
    {
        return Ok(Replayed::without_state(Answer::Unreadable(unreadable)));
    }
    let (first, last) = (first_unapplied(&state, log), log.last_index());
    let recorded = log.hard_state().commit.max(state.consistent_index);
    let (footprint, writers) = survey(&state, log, first..=last)?;
    if lost_its_last_revision(db, &state)? {
        let answer = stopped(log, state.revision, writers, first, UNFINISHED)?;
        return Ok(Replayed::without_state(answer));
    }
    let source = Source::new(db, log);
    let keyspace = match Keyspace::read(db, state.revision, &footprint, LIMIT)? {
        Ok(keyspace) => keyspace,
        Err(TooMany) => {
            let reason = Reason::TooManyKeys { limit: LIMIT };
            let answer = stopped(log, state.revision, writers, first, reason)?;
            return Ok(Replayed::without_state(answer));
        }
    };
    let mut machine = Machine::new(&source, state, keyspace, log.start(), by)?;
    note_voters_before(&mut machine, log, first)?;
    apply_all(machine, source, first, (commitment, recorded))
}

/// Applies the entries from `first` on: those up to `recorded` are proven, and those after it only where the member
/// is alone and starts again, or goes on without the others.
fn apply_all<D: ReadAt, W: ReadAt>(
    mut machine: Machine,
    source: Source<'_, D, W>,
    first: u64,
    (commitment, recorded): (Commitment, u64),
) -> Result<Replayed<'_, D, W>, Error> {
    let (log, last) = (source.log, source.log.last_index());
    let mut index = first;
    while index <= last {
        let is_proven = match commitment {
            Commitment::Held => true,
            Commitment::Restart => index <= recorded || is_alone(&machine, log),
            Commitment::Recorded => index <= recorded,
        };
        if !is_proven {
            return unproven(machine, source, index, recorded);
        }
        match step(&mut machine, &source, index) {
            Ok(()) => index += 1,
            Err(Halt::Failed(error)) => return Err(error),
            Err(Halt::Stopped(reason)) => {
                let lower = machine.keyspace.revision();
                let writers = count_writers(log, index..=last)?;
                let answer = stopped(log, lower, writers, index, reason)?;
                return Ok(Replayed::without_state(answer));
            }
        }
    }
    Ok(Replayed {
        answer: Answer::Exact(machine.keyspace.revision()),
        state: Some(State { source, machine }),
    })
}

fn lost_its_last_revision<D: ReadAt>(db: &Db<D>, state: &StoreState) -> Result<bool, Error> {
    Ok(state.compaction.is_pending() && state.compaction.scheduled > last_main(db)?)
}

/// Which keys the entries touch, and how many of them can make a revision.
fn survey<W: ReadAt>(
    state: &StoreState,
    log: &Log<W>,
    indexes: RangeInclusive<u64>,
) -> Result<(Footprint, i64), Error> {
    let users = if state.auth_enabled {
        Users::Checked
    } else {
        Users::Ignored
    };
    let (mut footprint, mut writers) = (Footprint::new(users), 0);
    for index in indexes {
        let data = log.entry(index)?.and_then(|entry| entry.data);
        let data = data.filter(|data| !data.is_empty() && !log.is_conf_change(index));
        let Some(request) = data.as_deref().map(Request::decode) else {
            continue;
        };
        match request {
            Ok(request) => {
                footprint.add(&request.kind);
                writers += i64::from(request.may_write());
            }
            // The replay stops there, if it comes so far.
            Err(_) => writers += 1,
        }
    }
    footprint.finish();
    Ok((footprint, writers))
}

/// Follows who decides through the entries that the database has applied already.
fn note_voters_before<W: ReadAt>(
    machine: &mut Machine,
    log: &Log<W>,
    first: u64,
) -> Result<(), Error> {
    for index in log.start().index.saturating_add(1)..first {
        if !log.is_conf_change(index) {
            continue;
        }
        let data = log.entry(index)?.and_then(|entry| entry.data);
        let noted = machine
            .membership
            .note_voters(data.as_deref().unwrap_or_default());
        if let Err(Reason::Malformed(malformed)) = noted {
            return Err(malformed.in_place(place(log, index)));
        }
    }
    Ok(())
}

fn is_alone<W: ReadAt>(machine: &Machine, log: &Log<W>) -> bool {
    let own = log.metadata().map(|metadata| metadata.node_id);
    own.is_some_and(|own| machine.membership.is_alone(own))
}

fn step<D: ReadAt, W: ReadAt>(
    machine: &mut Machine,
    source: &Source<'_, D, W>,
    index: u64,
) -> Result<(), Halt> {
    // The log has no gap between its first and its last entry.
    let Some(entry) = source.log.entry(index)? else {
        return Ok(());
    };
    machine.apply(&entry, source)?;
    if machine.keyspace.held() > LIMIT {
        return Err(Reason::TooManyKeys { limit: LIMIT }.into());
    }
    Ok(())
}

/// The entries from `index` on may be lost to a later leader.
fn unproven<D: ReadAt, W: ReadAt>(
    machine: Machine,
    source: Source<'_, D, W>,
    index: u64,
    recorded: u64,
) -> Result<Replayed<'_, D, W>, Error> {
    let log = source.log;
    let lower = machine.keyspace.revision();
    let answer = match count_writers(log, index..=log.last_index())? {
        0 => Answer::Exact(lower),
        writers => stopped(
            log,
            lower,
            writers,
            index,
            Reason::Uncommitted { commit: recorded },
        )?,
    };
    Ok(Replayed {
        answer,
        state: Some(State { source, machine }),
    })
}

/// The answer when the entry `index` is not applied, nor are those after it, of which `writers`
/// can make a revision.
fn stopped<W: ReadAt>(
    log: &Log<W>,
    lower: i64,
    writers: i64,
    index: u64,
    reason: Reason,
) -> Result<Answer, Error> {
    Ok(Answer::Between {
        lower,
        upper: lower.saturating_add(writers),
        stopped: Stopped {
            index,
            kind: kind(log, index)?,
            reason,
        },
    })
}

fn place<W: ReadAt>(log: &Log<W>, index: u64) -> String {
    match log.position(index) {
        Some((segment, offset)) => format!("entry {index} in WAL file {segment}, offset {offset}"),
        None => format!("entry {index}"),
    }
}
