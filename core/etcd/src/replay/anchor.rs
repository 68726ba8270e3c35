//! Whether a log leads to a database at all.
//!
//! Entries are numbered, and the numbers begin again with every restore, with the same ids and
//! often in the same terms: a full made before a restore and a log begun after it fit by number. So
//! it is looked at what the entries up to that number asked for, and what the database holds last:
//! one revision for each entry that writes, without a gap.

use std::collections::HashMap;

use bolt::{Cursor, Db, ReadAt};
use xxhash_rust::xxh3::xxh3_128;

use crate::Error;
use crate::mvcc::KeyValue;
use crate::revision::{Entry, Kind as EntryKind};
use crate::schema::bucket;
use crate::store_state::{StoreState, alarms};
use crate::wal::Log;

use super::effect::{Change, Effect, makes};
use super::kind::Kind;
use super::request::Request;

/// How many of the last revisions are checked against the log, if there are so many.
const LAST: usize = 8;

/// Puts among them whose key and value are not put twice. With fewer two histories may be alike by
/// chance: a heartbeat fits any of them.
const FEWEST: usize = 3;

/// Entries that are looked at before it is given up, each being read again.
const REACH: u64 = 20_000;

/// Where a log leads, beside a database that says which entry it has applied last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lead {
    /// Not to this database, as far as it can be told.
    Elsewhere,
    /// To this database, but the entry applied last need not be in it.
    Here,
    /// To this database, which holds the entry applied last.
    HereWithLast,
}

/// Whether the last revisions that `db` holds are what the entries of `log` up to `applied` asked for,
/// one by one. A log that does not reach back so far proves nothing.
pub(super) fn leads_to<D: ReadAt, W: ReadAt>(
    log: &Log<W>,
    db: &Db<D>,
    applied: u64,
) -> Result<Lead, Error> {
    let state = StoreState::read(db)?;
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(Lead::Elsewhere);
    };
    let mut revisions = Revisions::newest_first(keys.cursor(), &state)?;
    let mut walk = Walk::beside(db, &state)?;
    let oldest = log.start().index.max(applied.saturating_sub(REACH));
    let mut index = applied.min(log.last_index());
    let mut revision = revisions.take()?;
    while index > oldest && !walk.is_enough() {
        let Some(changes) = &revision else { break };
        match walk.step(log, index, changes)? {
            Step::Passed => {}
            Step::Matched => revision = revisions.take()?,
            Step::Failed | Step::Contradicted => return Ok(Lead::Elsewhere),
        }
        index -= 1;
    }
    Ok(walk.lead(applied))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The entry wrote nothing.
    Passed,
    /// It made the revision.
    Matched,
    /// It may have done either, but too many have before it.
    Failed,
    /// It cannot have done either, since it surely wrote.
    Contradicted,
}

/// A way back through the entries.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Whether users are checked or an alarm was raised at that time: then any request may have been
    /// refused.
    anyone_refused: bool,
    /// Whether all entries so far surely wrote or surely did not: then which of them made which revision
    /// is certain.
    is_sure: bool,
    /// Revisions that were matched, and entries that may have made one and did not.
    matched: usize,
    passed: usize,
    /// How often each key was put with each value, by their hashes; and how many were once.
    puts: HashMap<(u128, u128), usize>,
    once: usize,
    /// The entry of the newest revision, and what it put first.
    newest: Option<(u64, Option<(u128, u128)>)>,
}

impl Walk {
    /// One along what `db` holds.
    pub(super) fn beside<D: ReadAt>(db: &Db<D>, state: &StoreState) -> Result<Self, Error> {
        Ok(Self {
            anyone_refused: state.auth_enabled || !alarms(db)?.is_empty(),
            is_sure: true,
            ..Self::default()
        })
    }

    /// Holds the entry `index` against the revision of `changes`.
    pub(super) fn step<W: ReadAt>(
        &mut self,
        log: &Log<W>,
        index: u64,
        changes: &[Change],
    ) -> Result<Step, Error> {
        let data = log.entry(index)?.and_then(|entry| entry.data);
        let data = data.filter(|data| !data.is_empty() && !log.is_conf_change(index));
        let request = match data.as_deref().map(Request::decode) {
            None => return Ok(Step::Passed),
            Some(Err(_)) => return Ok(Step::Failed),
            Some(Ok(request)) => request,
        };
        if matches!(request.kind, Kind::Alarm(_) | Kind::Auth(_)) {
            self.anyone_refused = true;
        }
        let effect = Effect::of(&request);
        if effect == Effect::None {
            return Ok(Step::Passed);
        }
        self.is_sure &= effect == Effect::Certain;
        if makes(&request, changes) {
            self.note(index, changes);
            return Ok(Step::Matched);
        }
        if effect == Effect::Certain && !self.anyone_refused {
            return Ok(Step::Contradicted);
        }
        self.passed += 1;
        // In a log of transactions all may have failed: most of them must not have.
        Ok(match self.passed <= self.matched + LAST {
            true => Step::Passed,
            false => Step::Failed,
        })
    }

    fn note(&mut self, index: u64, changes: &[Change]) {
        self.matched += 1;
        let mut first = None;
        for change in changes
            .iter()
            .filter(|change| change.kind == EntryKind::Put)
        {
            let put = (xxh3_128(&change.key), xxh3_128(&change.value));
            first = first.or(Some(put));
            let count = self.puts.entry(put).or_default();
            *count += 1;
            match *count {
                1 => self.once += 1,
                2 => self.once -= 1,
                _ => {}
            }
        }
        self.newest.get_or_insert((index, first));
    }

    pub(super) fn is_sure(&self) -> bool {
        self.is_sure
    }

    pub(super) fn is_enough(&self) -> bool {
        self.matched >= LAST && self.once >= FEWEST
    }

    fn lead(&self, applied: u64) -> Lead {
        // What is put again and again may be the entry before.
        let is_once = |put| self.puts.get(&put) == Some(&1);
        match self.newest {
            _ if self.once < FEWEST => Lead::Elsewhere,
            Some((index, Some(put))) if index == applied && is_once(put) => Lead::HereWithLast,
            _ => Lead::Here,
        }
    }
}

/// The revisions of a database, newest first, as far as none is compacted away.
pub(super) struct Revisions<'a, D> {
    cursor: Cursor<'a, D>,
    next: Option<(i64, Change)>,
    wanted: i64,
    floor: i64,
}

impl<'a, D: ReadAt> Revisions<'a, D> {
    /// Those below `cursor`, which is one of the bucket `key`.
    pub(super) fn newest_first(
        mut cursor: Cursor<'a, D>,
        state: &StoreState,
    ) -> Result<Self, Error> {
        Ok(Self {
            next: cursor.last()?.map(change).transpose()?,
            cursor,
            wanted: state.revision,
            floor: state.compaction.revision().unwrap_or(0),
        })
    }

    /// All changes of the next revision, in order; `None` when it is not there.
    pub(super) fn take(&mut self) -> Result<Option<Vec<Change>>, Error> {
        let mut changes = Vec::new();
        while let Some((main, _)) = &self.next
            && *main == self.wanted
            && *main > self.floor
        {
            changes.extend(self.next.take().map(|(_, change)| change));
            self.next = self.cursor.prev()?.map(change).transpose()?;
        }
        self.wanted -= 1;
        changes.reverse();
        // An entry without a key only moves the revision on.
        let is_whole = !changes.is_empty() && changes.iter().all(|change| !change.key.is_empty());
        Ok(is_whole.then_some(changes))
    }
}

fn change((key, value): (&[u8], &[u8])) -> Result<(i64, Change), Error> {
    let malformed = |malformed: crate::Malformed| malformed.in_bucket(bucket::KEY, key);
    let entry = Entry::parse(key).map_err(malformed)?;
    let kv = KeyValue::decode(value).map_err(malformed)?;
    let change = Change {
        kind: entry.kind,
        key: kv.key.to_vec(),
        value: kv.value.to_vec(),
    };
    Ok((entry.revision.main, change))
}
