//! Whether a log leads to a database at all.
//!
//! Entries are numbered, and the numbers begin again with every restore, with the same ids and
//! often in the same terms: a full made before a restore and a log begun after it fit by number. So
//! it is looked at what the entries before that number asked for, and what the database holds last.

use bolt::{Db, ReadAt};

use crate::Error;
use crate::mvcc::KeyValue;
use crate::revision::{Entry, Kind as EntryKind};
use crate::schema::bucket;
use crate::wal::Log;

use super::kv_request::{Op, Put, Txn};
use super::request::{Kind, Request};

/// How many of the last puts must be in the log.
const LAST: usize = 8;

/// Fewer may be the same in two histories by chance.
const FEWEST: usize = 3;

/// Entries that are looked at before it is given up, each being read again.
const REACH: u64 = 20_000;

type Written = (Vec<u8>, Vec<u8>);

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

/// Whether the last puts that `db` holds are asked for, in their order, by the entries of `log` up
/// to `applied`. A log that does not reach back so far proves nothing.
pub(super) fn leads_to<D: ReadAt, W: ReadAt>(
    log: &Log<W>,
    db: &Db<D>,
    applied: u64,
) -> Result<Lead, Error> {
    let last = last_puts(db)?;
    if last.len() < FEWEST || !asks_for(log, &last, applied)? {
        return Ok(Lead::Elsewhere);
    }
    let newest = left_by(log, &last, applied)?;
    // A history that repeats itself fits one entry earlier too, and then nothing tells them apart.
    if newest.len() == last.len() || asks_for(log, &last, applied.saturating_sub(1))? {
        return Ok(Lead::Here);
    }
    Ok(Lead::HereWithLast)
}

fn asks_for<W: ReadAt>(log: &Log<W>, last: &[Written], applied: u64) -> Result<bool, Error> {
    let oldest = log.start().index.max(applied.saturating_sub(REACH));
    let mut left = last;
    let mut index = applied.min(log.last_index());
    while index > oldest && !left.is_empty() {
        left = left_by(log, left, index)?;
        index -= 1;
    }
    Ok(left.is_empty())
}

/// What is left of `wanted` once the puts of one entry are taken off its front.
fn left_by<'a, W: ReadAt>(
    log: &Log<W>,
    wanted: &'a [Written],
    index: u64,
) -> Result<&'a [Written], Error> {
    let data = log.entry(index)?.and_then(|entry| entry.data);
    let data = data.filter(|data| !data.is_empty() && !log.is_conf_change(index));
    Ok(match data.as_deref().map(Request::decode) {
        Some(Ok(request)) => behind_matches(&request.kind, wanted),
        _ => wanted,
    })
}

/// The last puts that are not compacted away, newest first.
fn last_puts<D: ReadAt>(db: &Db<D>) -> Result<Vec<Written>, Error> {
    let mut puts = Vec::new();
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(puts);
    };
    let mut cursor = keys.cursor();
    let mut next = cursor.last()?;
    while let Some((key, value)) = next
        && puts.len() < LAST
    {
        let malformed = |malformed: crate::Malformed| malformed.in_bucket(bucket::KEY, key);
        let entry = Entry::parse(key).map_err(malformed)?;
        let kv = KeyValue::decode(value).map_err(malformed)?;
        if entry.kind == EntryKind::Put && !kv.key.is_empty() {
            puts.push((kv.key.to_vec(), kv.value.to_vec()));
        }
        next = cursor.prev()?;
    }
    Ok(puts)
}

/// What is left of `wanted` once the puts of a request are taken off its front, last one first.
fn behind_matches<'a>(kind: &Kind<'_>, mut wanted: &'a [Written]) -> &'a [Written] {
    let mut puts = Vec::new();
    match kind {
        Kind::Put(put) => puts.push(*put),
        Kind::Txn(txn) => puts_of(txn, &mut puts),
        _ => {}
    }
    for put in puts.iter().rev() {
        if let [(key, value), rest @ ..] = wanted
            && put.key == key
            && (put.ignore_value || put.value == value)
        {
            wanted = rest;
        }
    }
    wanted
}

fn puts_of<'a>(txn: &Txn<'a>, puts: &mut Vec<Put<'a>>) {
    for op in txn.success.iter().chain(&txn.failure) {
        match op {
            Op::Put(put) => puts.push(*put),
            Op::Txn(txn) => puts_of(txn, puts),
            _ => {}
        }
    }
}
